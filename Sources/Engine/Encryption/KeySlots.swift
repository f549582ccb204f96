/// The key slots of a repository: `keys/` at its target.
package struct KeySlots: Sendable {
    let target: any Target
    /// Id of the repository.
    let repository: String

    /// Bytes. No slot is larger: that of 65,535 generations.
    private static let limit = 16 << 20
    /// A passphrase is tried on so many slots, newest generation first.
    private static let tries = 64

    package init(target: any Target, repository: String) {
        self.target = target
        self.repository = repository
    }

    package init(_ open: Repository) {
        self.init(target: open.target, repository: open.id)
    }

    /// What is at the target.
    package struct Listing: Sendable {
        /// Newest generation first, then by time.
        package var slots: [KeySlot] = []
        /// Slots that cannot be read, with the reason; their passphrases open nothing.
        package var unreadable: [(id: String, error: EngineError)] = []

        package var newestGeneration: UInt16 { slots.first?.generation ?? 0 }
    }

    /// Reads all slots; those of another repository, left by an `init` that was stopped, are passed over.
    package func list() async throws(EngineError) -> Listing {
        var listing = Listing()
        for object in try await target.list(prefix: ObjectLayout.keys) {
            let id = object.key.lastPart
            do throws(EngineError) {
                let bytes = try await target.get(object.key, limit: Self.limit)
                let slot = try KeySlot.document(id).open(bytes.array)
                guard slot.id == id else { throw EngineError(.corrupt, "\(object.key) holds key slot \(slot.id)") }
                if slot.repository == repository { listing.slots.append(slot) }
            } catch  where error.kind == .notFound {
                continue
            } catch  where error.kind == .corrupt || error.kind == .unsupported {
                listing.unreadable.append((id, error))
            }
        }
        listing.slots.sort { ($1.generation, $0.created, $0.id) < ($0.generation, $1.created, $1.id) }
        return listing
    }

    /// Finds the newest generation that a passphrase opens.
    /// - Throws: `.locked` when there is no slot at all, `.denied` when the passphrase opens none, `.corrupt` when none
    ///   can be read or the one that it opens was altered.
    package func open(_ passphrase: Passphrase) async throws(EngineError) -> OpenKeySlot {
        try await open(passphrase, among: list())
    }

    func open(_ passphrase: Passphrase, among listing: Listing) async throws(EngineError) -> OpenKeySlot {
        var altered: EngineError?
        for slot in listing.slots.prefix(Self.tries) {
            do throws(EngineError) {
                if let ring = try await onBlockingThreads({ try slot.open(passphrase) }) {
                    return OpenKeySlot(slot: slot, ring: ring, passphrase: passphrase)
                }
            } catch  where error.kind == .corrupt || error.kind == .unsupported {
                altered = altered ?? error
            }
        }
        if let altered { throw altered }
        guard listing.slots.isEmpty else {
            throw EngineError(
                .denied, "the passphrase is wrong: it opens none of the repository's key slots\(Self.text(listing))")
        }
        if let first = listing.unreadable.first { throw first.error }
        throw EngineError(
            .locked,
            "the repository is encrypted and has no key slot: bring the objects below `\(ObjectLayout.keys)` back from a "
                + "copy of the repository; without one nothing can be read")
    }

    private static func text(_ listing: Listing) -> String {
        listing.unreadable.isEmpty ? "" : " (\(listing.unreadable.count) more cannot be read)"
    }

    /// Writes a slot; afterwards its passphrase opens the repository, before it does not.
    func put(_ slot: KeySlot) async throws(EngineError) {
        try await target.put(ObjectLayout.key(slot.id), KeySlot.document(slot.id).seal(slot))
    }
}

/// A slot that a passphrase has opened.
package struct OpenKeySlot: Sendable {
    package let slot: KeySlot
    package let ring: KeyRing
    package let passphrase: Passphrase
}
