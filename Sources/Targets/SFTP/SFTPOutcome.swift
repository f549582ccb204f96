import Engine
import Wire

/// How a put ended, apart from failures of the connection.
enum SFTPOutcome {
    case done, taken, noSpace, readOnly

    /// What a refusal of `needed` more bytes means. Version 3 has one word for most failures: what the file system says
    /// tells more.
    init?(_ error: WireError, needed: Int, _ folder: SFTPFolder, _ connection: SFTPConnection) {
        guard error.kind == .refusedByDevice, connection.extensions.contains(.statvfs),
            let space = try? connection.space(at: folder.root)
        else { return nil }
        if space.isReadOnly {
            self = .readOnly
        } else if space.available < UInt64(max(needed, 4096)) || space.isOutOfFiles {
            self = .noSpace
        } else {
            return nil
        }
    }

    /// - Throws: unless all is done.
    func check(_ key: ObjectKey, _ place: String) throws(EngineError) {
        switch self {
        case .done: return
        case .taken: throw EngineError(.alreadyExists, "\(place): \(key) is there already")
        case .noSpace:
            throw EngineError(
                .noSpace, "cannot put \(key) on \(place): no space is left; free some space and run again")
        case .readOnly:
            throw EngineError(.denied, "cannot put \(key) on \(place): the file system is mounted read-only")
        }
    }
}
