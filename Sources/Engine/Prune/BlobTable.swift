import Glibc

/// Makes the table of all copies of all blobs of a repository: one sorted run in a file of this machine, mapped. Memory
/// is bounded whatever the repository's size.
struct BlobTable: Sendable {
    let repository: Repository
    /// Folder for the files of the table, made here. They have no name any more when `make` returns, and so go with the
    /// process.
    let folder: String

    /// Entries of small runs that are joined in memory before they are written to a file.
    private static let entriesAtOnce = 1 << 17

    /// - Parameter unlisted: blobs that no index run lists.
    /// - Throws: what the target throws; by `errno`. A run that is damaged is left out, its packs are among `unlisted`.
    func make(unlisted: [BlobEntry]) async throws(EngineError) -> MappedRun {
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw .system("make the folder", folder) }
        do {
            let table = try await merge(unlisted)
            rmdir(folder)
            return table
        } catch {
            rmdir(folder)
            throw error
        }
    }

    private func merge(_ unlisted: [BlobEntry]) async throws(EngineError) -> MappedRun {
        let stored = try await StoredRuns.list(repository)
        var runs: [MappedRun] = []
        var small = unlisted
        for run in stored.runs {
            do {
                if run.size > StoredRuns.sideBySide {
                    let path = newPath()
                    defer { unlink(path) }
                    try await stored.copy(run, to: path)
                    runs.append(try MappedRun(path: path))
                } else {
                    small += try await stored.whole(run).entries
                }
            } catch  where error.kind == .corrupt || error.kind == .notFound || error.kind == .unsupported {
                continue
            }
            if small.count >= Self.entriesAtOnce {
                runs.append(try table(of: small))
                small = []
            }
        }
        if !small.isEmpty || runs.isEmpty { runs.append(try table(of: small)) }
        guard runs.count > 1 else { return runs[0] }
        let path = newPath()
        defer { unlink(path) }
        return try RunMerge(runs).write(to: path)
    }

    private func table(of entries: [BlobEntry]) throws(EngineError) -> MappedRun {
        let path = newPath()
        defer { unlink(path) }
        let bytes = IndexRun(name: "table", entries: entries).encoded()
        let file = try OpenFile(path, O_CREAT | O_EXCL | O_WRONLY)
        try bytes.withBytes { span throws(EngineError) in try file.write(span, at: 0) }
        return try MappedRun(path: path)
    }

    private func newPath() -> String { "\(folder)/\(RandomName.make())" }
}
