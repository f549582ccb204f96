import Glibc

/// The ways to get a run: whole, when it is small; only its head, to see whether it says anything new; or into a file.
extension StoredRuns {
    /// Bytes. A larger run is fetched in pieces of it.
    static let piece = 4 << 20
    /// Bytes. Runs up to this size are fetched several at once, without a look at their heads first.
    static let sideBySide = 256 << 10
    /// Bytes that most heads have at most.
    private static let headGuess = 64 << 10

    /// A run that is not large.
    /// - Throws: `.corrupt`, `.unsupported`; `.notFound` when it is gone.
    func whole(_ run: Run) async throws(EngineError) -> IndexRun {
        try check(run)
        let bytes = Buffer(capacity: max(run.size, 1))
        if run.size <= Self.piece {
            try await read(run, 0..<run.size, into: bytes)
        } else {
            for range in Self.pieces(of: run) { try await read(run, range, into: bytes) }
        }
        return try bytes.withBytes { span throws(EngineError) in try IndexRun(name: run.name, parsing: span) }
    }

    /// Which packs a run lists.
    /// - Throws: `.corrupt`, `.unsupported`; `.notFound` when it is gone.
    func head(_ run: Run) async throws(EngineError) -> RunHead {
        try check(run)
        let start = Buffer(capacity: Self.headGuess)
        try await read(run, 0..<min(run.size, Self.headGuess), into: start)
        let what = "index/\(run.name)"
        let counts = try start.withBytes { bytes throws(EngineError) in
            try RunHead.Counts(parsing: bytes, size: run.size, what: what)
        }
        guard counts.headSize > start.count else {
            return try start.withBytes { bytes throws(EngineError) in
                try RunHead(parsing: bytes, size: run.size, what: what)
            }
        }
        let bytes = Buffer(capacity: counts.headSize)
        try await read(run, 0..<counts.headSize, into: bytes)
        return try bytes.withBytes { bytes throws(EngineError) in
            try RunHead(parsing: bytes, size: run.size, what: what)
        }
    }

    /// Copies a run into a new file; its bytes are not looked at.
    /// - Throws: `.notFound` when the run is gone; by `errno`. The file is removed then.
    func copy(_ run: Run, to path: String) async throws(EngineError) {
        try check(run)
        let file = RunCopy(file: try OpenFile(path, O_WRONLY | O_CREAT | O_EXCL))
        do {
            try await together(pieces: Self.pieces(of: run)) { range in
                let buffer = Buffer(capacity: range.count)
                try await read(run, range, into: buffer)
                try buffer.withBytes { try file.file.write($0, at: UInt64(range.lowerBound)) }
            }
        } catch {
            unlink(path)
            throw error
        }
    }

    private final class RunCopy: Sendable {
        let file: OpenFile
        init(file: consuming OpenFile) { self.file = file }
    }

    private func check(_ run: Run) throws(EngineError) {
        guard run.size >= IndexRun.headerCount + IndexRun.endCount, run.size <= RepositoryFormat.indexLimit else {
            throw EngineError(.corrupt, "index/\(run.name) has an impossible size of \(run.size) bytes")
        }
    }

    private static func pieces(of run: Run) -> [Range<Int>] {
        stride(from: 0, to: run.size, by: piece).map { $0..<min($0 + piece, run.size) }
    }
}
