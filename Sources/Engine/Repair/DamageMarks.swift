/// What a repair knows to be damaged: the content of `damage/<32 hexadecimal digits>`, a sealed document of kind DAMAGE.
///
/// Whoever reads prefers other copies; a new backup stores again what has no good copy. Marks are only added; an object
/// goes when none of its packs is there any more and every blob has a good copy. A crash leaves the object or none.
package struct DamageMarks: Codable, Sendable, Equatable {
    package let created: Timestamp
    /// Copies of blobs that cannot be read.
    package var blobs: [Blob]
    /// Packs that are missing, or damaged and copied: every copy in them is to be avoided.
    package var packs: [Pack]

    package struct Blob: Codable, Sendable, Equatable {
        package let id: Digest
        package let pack: PackID
        package let reason: String
    }

    package struct Pack: Codable, Sendable, Equatable {
        package let pack: PackID
        package let reason: String
    }

    package init(created: Timestamp = .now(), blobs: [Blob] = [], packs: [Pack] = []) {
        self.created = created
        self.blobs = blobs
        self.packs = packs
    }

    package var isEmpty: Bool { blobs.isEmpty && packs.isEmpty }
    /// What nobody should rely on because of these marks.
    package var avoided: AvoidedCopies {
        AvoidedCopies(
            packs: Set(packs.map(\.pack)), blobs: Set(blobs.map { BlobCopy(id: $0.id, pack: $0.pack) }))
    }

    static let document = SealedDocument<DamageMarks>(kind: "DAMAGE", what: "a list of damaged blobs")
}

extension DamageMarks {
    /// All marks at a target.
    package struct Loaded: Sendable {
        /// Objects and what they say.
        package private(set) var objects: [(key: ObjectKey, marks: DamageMarks)] = []
        /// Objects that could not be read, in words. What they say is found anew by the next repair.
        package private(set) var warnings: [String] = []

        package var avoided: AvoidedCopies {
            objects.reduce(into: AvoidedCopies()) { $0.formUnion($1.marks.avoided) }
        }

        fileprivate mutating func add(_ key: ObjectKey, _ marks: DamageMarks) { objects.append((key, marks)) }
        fileprivate mutating func add(warning: String) { warnings.append(warning) }
    }

    /// Reads the marks of all repairs, whoever made them.
    /// - Throws: what the target throws; damaged marks are only warned of.
    package static func load(from target: any Target) async throws(EngineError) -> Loaded {
        var loaded = Loaded()
        for object in try await target.list(prefix: ObjectLayout.damage) {
            do {
                let bytes = try await target.get(object.key, limit: RepositoryFormat.documentLimit)
                loaded.add(object.key, try document.open(bytes.array))
            } catch  where error.kind == .notFound {
                continue
            } catch  where error.kind == .corrupt || error.kind == .unsupported {
                loaded.add(warning: "\(object.key): \(error); it is not used")
            }
        }
        return loaded
    }

    /// Publishes marks under a new name.
    /// - Returns: the object's key.
    @discardableResult
    package static func put(_ marks: DamageMarks, at target: any Target) async throws(EngineError) -> ObjectKey {
        var generator = SystemRandomNumberGenerator()
        let key = ObjectLayout.damage(PackID.random(using: &generator).description)
        try await target.put(key, document.seal(marks))
        return key
    }

    /// Deletes the objects that nobody needs any more: none of their packs is there, and every marked blob has a good
    /// copy, or none at all that could mislead a backup.
    /// - Parameters:
    ///   - packs: those at the target.
    ///   - index: of the repository, with the marks' copies avoided.
    /// - Returns: how many objects were deleted.
    @discardableResult
    package static func dropNeedless(
        _ loaded: Loaded, packs: Set<PackID>, index: any DedupIndex, at target: any Target
    ) async throws(EngineError) -> Int {
        var dropped = 0
        for (key, marks) in loaded.objects where !marks.isNeeded(packs: packs, index: index) {
            try await target.delete(key)
            dropped += 1
        }
        return dropped
    }

    private func isNeeded(packs there: Set<PackID>, index: any DedupIndex) -> Bool {
        packs.contains { there.contains($0.pack) }
            || blobs.contains { mark in
                there.contains(mark.pack) || (index.location(of: mark.id) != nil && !index.holds(mark.id))
            }
    }
}

extension AvoidedCopies {
    package mutating func formUnion(_ other: AvoidedCopies) {
        packs.formUnion(other.packs)
        blobs.formUnion(other.blobs)
    }
}
