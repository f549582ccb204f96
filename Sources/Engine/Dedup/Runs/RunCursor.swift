/// Reads the entries of a mapped run in order, a piece at a time, past the mapping.
struct RunCursor {
    private let run: MappedRun
    private let buffer: Buffer
    /// Row of the first entry in the buffer.
    private var start = 0
    private(set) var row = 0
    /// The entry at `row`; nil behind the last one.
    private(set) var record: RunRecord?

    /// Entries read at once.
    private static let rowsAtOnce = 4096

    var packs: [RunPack] { run.packs }

    /// - Throws: what reading the file throws.
    init(_ run: MappedRun) throws(EngineError) {
        self.run = run
        buffer = Buffer(capacity: max(1, min(Self.rowsAtOnce, run.count)) * IndexRun.entryCount)
        try fill()
    }

    mutating func advance() throws(EngineError) {
        row += 1
        if (row - start) * IndexRun.entryCount < buffer.count { take() } else { try fill() }
    }

    private mutating func fill() throws(EngineError) {
        buffer.removeAll()
        start = row
        guard row < run.count else {
            record = nil
            return
        }
        try run.read(from: row, rows: Self.rowsAtOnce, into: buffer)
        take()
    }

    private mutating func take() {
        let offset = (row - start) * IndexRun.entryCount
        record = buffer.withBytes(offset..<offset + IndexRun.entryCount) { RunRecord($0, at: 0) }
    }
}
