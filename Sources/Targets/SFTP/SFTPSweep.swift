import Engine
import Wire

/// Removes the temporary files of puts that nobody can be at any more.
struct SFTPSweep {
    let folder: SFTPFolder

    /// Longer than any put lasts, in seconds.
    private static let longestPut: Int64 = 24 * 3600

    /// How many there were.
    func run() async throws(EngineError) -> Int {
        try await folder.calls.run("clean up") { (connection) throws(WireError) in
            var names: [SFTPName] = []
            try connection.walk([folder.temporary]) { _, found in
                names = found.filter { $0.name != "." && $0.name != ".." && $0.attributes.form != .folder }
                return []
            }
            guard !names.isEmpty else { return 0 }
            let now = try serverTime(connection)
            var removed = 0
            for entry in names {
                guard let modified = entry.attributes.modified, now - Int64(modified) > Self.longestPut else {
                    continue
                }
                do throws(WireError) {
                    try connection.remove(folder.temporary + "/" + entry.name)
                    removed += 1
                } catch {
                    guard error.kind == .notFound else { throw error }
                }
            }
            return removed
        }
    }

    /// Seconds since 1970 by the clock that gives the files their times: that of a file made now.
    private func serverTime(_ connection: SFTPConnection) throws(WireError) -> Int64 {
        let path = folder.temporary + "/" + RandomName.make()
        let handle = try connection.open(path, [.write, .create, .exclusive], permissions: 0o600)
        let made = try connection.attributes(of: handle)
        try connection.close(handle)
        try connection.remove(path)
        guard let modified = made.modified else {
            throw WireError(.protocolViolation, "the server does not say when files were written")
        }
        return Int64(modified)
    }
}
