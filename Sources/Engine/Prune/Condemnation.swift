/// A list of packs that will be deleted: the first of the two phases of a prune, the content of `gc/<name>`.
///
/// New backups treat what only these packs hold as absent. The packs go, and then this object, once every live session
/// has seen the list and the grace is over; packs that turn out to be in use again are left out then.
package struct Condemnation: Codable, Sendable {
    package let created: Timestamp
    package let packs: Set<PackID>

    /// A condemnation at the target.
    package struct Listed: Sendable {
        /// Last part of its key: random.
        package let name: String
        /// By the clock of the target.
        package let modified: Timestamp
        package let content: Condemnation

        var key: ObjectKey { ObjectLayout.condemnation(name) }
    }

    static let document = SealedDocument<Condemnation>(kind: "CONDEMNATION", what: "a list of condemned packs")

    /// All that are at the target, whoever made them.
    ///
    /// One that cannot be read is left out, which is safe: a session never claims to have seen it, and whoever can read it
    /// deletes nothing before every live session has. `repository repair` takes damaged ones away.
    /// - Throws: what the target throws.
    static func all(at target: any Target) async throws(EngineError) -> [Listed] {
        var found: [Listed] = []
        for object in try await target.list(prefix: ObjectLayout.condemnations) {
            let bytes: Buffer
            do {
                bytes = try await target.get(object.key, limit: RepositoryFormat.documentLimit)
            } catch  where error.kind == .notFound {
                continue
            }
            do {
                let content = try document.open(bytes.array)
                found.append(Listed(name: object.key.lastPart, modified: object.modified, content: content))
            } catch  where error.kind == .corrupt || error.kind == .unsupported {
                continue
            } catch {
                throw error.at(object.key.text)
            }
        }
        return found
    }

    /// Publishes a list of packs.
    static func put(_ packs: Set<PackID>, at target: any Target) async throws(EngineError) -> String {
        var generator = SystemRandomNumberGenerator()
        let name = PackID.random(using: &generator).description
        let content = Condemnation(created: .now(), packs: packs)
        try await target.put(ObjectLayout.condemnation(name), document.seal(content))
        return name
    }
}

extension PackID: Codable {
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let id = PackID(text) else { throw EngineError(.corrupt, "`\(text)` is no pack name") }
        self = id
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
