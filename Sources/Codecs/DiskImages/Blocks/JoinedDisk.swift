import Engine

/// Disks one behind the other as one disk.
struct JoinedDisk: BlockReader {
    let size: UInt64
    private let parts: [Part]

    private struct Part {
        let start: UInt64
        let disk: any BlockReader

        var range: ByteRange { ByteRange(start: start, count: disk.size) }
    }

    init(_ disks: [any BlockReader]) {
        var parts: [Part] = []
        var end: UInt64 = 0
        for disk in disks {
            parts.append(Part(start: end, disk: disk))
            end += disk.size
        }
        self.parts = parts
        size = end
    }

    func extents(in range: ByteRange) async throws(EngineError) -> [DiskExtent] {
        var list = ExtentList()
        for part in parts[first(at: range.start)...] {
            guard part.start < range.end else { break }
            guard let piece = part.range.intersection(range) else { continue }
            let inner = ByteRange(start: piece.start - part.start, count: piece.count)
            list.append(try await part.disk.extents(in: inner), from: inner.start, at: piece.start)
        }
        return list.extents
    }

    func read(_ range: ByteRange, into output: Buffer) async throws(EngineError) {
        for part in parts[first(at: range.start)...] {
            guard part.start < range.end else { break }
            guard let piece = part.range.intersection(range) else { continue }
            try await part.disk.read(ByteRange(start: piece.start - part.start, count: piece.count), into: output)
        }
    }

    /// The index of the first disk that ends behind `offset`.
    private func first(at offset: UInt64) -> Int {
        var (low, high) = (0, parts.count)
        while low < high {
            let middle = (low + high) / 2
            if parts[middle].range.end > offset { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
