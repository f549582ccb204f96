/// What one reading of a whole run tells: that every byte of it is right, and how to find entries in it.
struct RunSurvey {
    let head: RunHead
    private(set) var directory = RunDirectory()
    let filter: BlockedFilter?

    /// Bytes read at once: whole blocks.
    private static let piece = 64 * RunDirectory.blockRows * IndexRun.entryCount

    /// Reads the run.
    /// - Parameter filterBits: bits for each entry of the filter to make; nil makes none.
    /// - Throws: `.corrupt` when a checksum, a count, a pack's number or the order is wrong; `.unsupported`.
    init(of file: MappedFile, what: String, filterBits: Int? = nil) throws(EngineError) {
        guard file.count >= IndexRun.headerCount + IndexRun.endCount else {
            throw EngineError(.corrupt, "\(what) is cut short")
        }
        head = try Self.head(of: file, what: what)
        filter = filterBits.map { [head] in BlockedFilter(count: head.count, bits: $0) }
        var checksum = RunningChecksum()
        try Self.read(file, 0..<head.size) { checksum.update($0) }
        var order = Order(packs: head.packs.count)
        var directory = RunDirectory()
        let filter = filter
        try Self.read(file, head.size..<file.count - IndexRun.endCount) { bytes in
            checksum.update(bytes)
            order.check(bytes)
            filter?.insert(entries: bytes)
            let block = RunDirectory.blockRows * IndexRun.entryCount
            for start in stride(from: 0, to: bytes.byteCount, by: block) {
                directory.append(block: bytes.extracting(start..<min(start + block, bytes.byteCount)))
            }
        }
        guard checksum.value == file.trailer else {
            throw EngineError(.corrupt, "\(what) is damaged: its checksum does not fit")
        }
        guard order.isRight else {
            throw EngineError(.corrupt, "\(what) is wrong: its entries are out of order or name packs it does not list")
        }
        self.directory = directory
    }

    /// Whether entries ascend and name packs that there are.
    private struct Order {
        let packs: Int
        private(set) var isRight = true
        private var last: Digest?

        init(packs: Int) { self.packs = packs }

        mutating func check(_ entries: RawSpan) {
            for start in stride(from: 0, to: entries.byteCount, by: IndexRun.entryCount) {
                let record = RunRecord(entries, at: start)
                if let last, record.id < last { isRight = false }
                if record.packNumber >= packs { isRight = false }
                last = record.id
            }
        }
    }

    /// The head of a run in a file.
    static func head(of file: MappedFile, what: String) throws(EngineError) -> RunHead {
        let start = Buffer(capacity: IndexRun.headerCount)
        try file.read(from: 0, upTo: IndexRun.headerCount, into: start)
        let counts = try start.withBytes { bytes throws(EngineError) in
            try RunHead.Counts(parsing: bytes, size: file.count, what: what)
        }
        let whole = Buffer(capacity: counts.headSize)
        try file.read(from: 0, upTo: counts.headSize, into: whole)
        return try whole.withBytes { bytes throws(EngineError) in
            try RunHead(parsing: bytes, size: file.count, what: what)
        }
    }

    private static func read(_ file: MappedFile, _ range: Range<Int>, _ body: (RawSpan) -> Void) throws(EngineError) {
        let buffer = Buffer(capacity: piece)
        var offset = range.lowerBound
        while offset < range.upperBound {
            let wanted = min(piece, range.upperBound - offset)
            buffer.removeAll()
            try file.read(from: offset, upTo: wanted, into: buffer)
            guard buffer.count == wanted else { throw EngineError(.corrupt, "\(file.file.path) was cut short") }
            buffer.withBytes { body($0) }
            offset += wanted
        }
    }
}

extension MappedFile {
    /// The last 8 bytes of a run: the checksum of all others.
    var trailer: UInt64 {
        guard count >= IndexRun.endCount else { return 0 }
        return withBytes(count - IndexRun.endCount..<count) {
            UInt64(littleEndian: $0.unsafeLoadUnaligned(as: UInt64.self))
        }
    }
}
