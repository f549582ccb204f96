import Engine

/// A part of a disk or a file as a disk of its own. What is behind the end of the whole reads as zeros.
struct DiskWindow: BlockReader {
    let whole: any BlockReader
    let range: ByteRange

    init(_ whole: any BlockReader, _ range: ByteRange) {
        self.whole = whole
        self.range = range
    }

    var size: UInt64 { range.count }
    var bestRead: UInt64 { whole.bestRead }

    func extents(in part: ByteRange) async throws(EngineError) -> [DiskExtent] {
        var list = ExtentList()
        let there = existing(part)
        if let there {
            list.append(try await whole.extents(in: there), from: there.start, at: part.start)
        }
        list.append(ByteRange(part.start + (there?.count ?? 0), part.end), isZero: true)
        return list.extents
    }

    func read(_ part: ByteRange, into output: Buffer) async throws(EngineError) {
        let there = existing(part)
        if let there { try await whole.read(there, into: output) }
        output.appendZeros(Int(part.count - (there?.count ?? 0)))
    }

    private func existing(_ part: ByteRange) -> ByteRange? {
        ByteRange(start: range.start + part.start, count: part.count).intersection(ByteRange(0, whole.size))
    }
}
