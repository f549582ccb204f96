/// How the ids of a repository become those of another one.
enum IDTranslation: Sendable {
    /// Neither is encrypted: ids are equal, and blobs move as they are stored.
    case same
    /// Only the destination is encrypted: its ids come from the source's, without the content.
    case derived(ContentIdentity)
    /// The source is encrypted: its ids say nothing without the content.
    case byContent(ContentIdentity)

    /// - Throws: `.locked` when one of them was opened without its keys.
    init(from source: Repository, to destination: Repository) throws(EngineError) {
        let identity = try destination.identity
        _ = try source.identity
        switch (source.configuration.isEncrypted, destination.configuration.isEncrypted) {
        case (false, false): self = .same
        case (false, true): self = .derived(identity)
        case (true, _): self = .byContent(identity)
        }
    }

    /// The id at the destination; nil when only the content tells.
    func id(of source: Digest) -> Digest? {
        switch self {
        case .same: source
        case .derived(let identity): identity.id(ofPlain: source)
        case .byContent: nil
        }
    }

    var keepsIDs: Bool {
        if case .same = self { return true }
        return false
    }

    var needsContent: Bool {
        if case .byContent = self { return true }
        return false
    }
}
