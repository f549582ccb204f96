import Engine

/// A disk kept in blocks, in a file that may differ from a parent.
struct BlockDisk<Map: BlockMap>: DiskImage {
    let storage: any ImageStorage
    let map: Map
    let parent: (any DiskImage)?
    let facts: ImageFacts

    var size: UInt64 { map.size }
    var bestRead: UInt64 { storage.bestRead }

    func extents(in range: ByteRange) async throws(EngineError) -> [DiskExtent] {
        var list = ExtentList()
        for part in parts(of: range) {
            switch try await map.place(of: part.block) {
            case .zero: list.append(part.range, isZero: true)
            case .parent: try await appendParent(part.range, to: &list)
            case .stored(let start): try await append(part.range, at: start + part.skip, to: &list)
            case .mixed(let start, let bits):
                let base = part.block * map.blockSize
                for run in bits.runs(in: ByteRange(start: part.skip, count: part.range.count)) {
                    let range = ByteRange(base + run.range.start, base + run.range.end)
                    if run.isHeld {
                        try await append(range, at: start + run.range.start, to: &list)
                    } else {
                        try await appendParent(range, to: &list)
                    }
                }
            }
        }
        return list.extents
    }

    func read(_ range: ByteRange, into output: Buffer) async throws(EngineError) {
        for part in parts(of: range) {
            switch try await map.place(of: part.block) {
            case .zero: output.appendZeros(Int(part.range.count))
            case .parent: try await readParent(part.range, into: output)
            case .stored(let start): try await readFile(start + part.skip, part.range.count, into: output)
            case .mixed(let start, let bits):
                let base = part.block * map.blockSize
                for run in bits.runs(in: ByteRange(start: part.skip, count: part.range.count)) {
                    if run.isHeld {
                        try await readFile(start + run.range.start, run.range.count, into: output)
                    } else {
                        try await readParent(
                            ByteRange(base + run.range.start, base + run.range.end), into: output)
                    }
                }
            }
        }
    }

    /// A part of a range that lies in one block, `skip` bytes behind its beginning.
    private struct Part {
        let block: UInt64
        let range: ByteRange
        let skip: UInt64
    }

    private func parts(of range: ByteRange) -> [Part] {
        var parts: [Part] = []
        var start = range.start
        while start < range.end {
            let block = start / map.blockSize
            let skip = start % map.blockSize
            let count = min(map.blockSize - skip, range.end - start)
            parts.append(Part(block: block, range: ByteRange(start: start, count: count), skip: skip))
            start += count
        }
        return parts
    }

    /// The range of the file.
    /// - Throws: `.corrupt` when the file ends before.
    private func held(_ offset: UInt64, _ count: UInt64) throws(EngineError) -> ByteRange {
        guard offset <= storage.size, count <= storage.size - offset else {
            throw EngineError(
                .corrupt,
                "\(storage.name): a block should be at \(offset), but the file ends at \(storage.size): it is damaged "
                    + "or cut off")
        }
        return ByteRange(start: offset, count: count)
    }

    private func readFile(_ offset: UInt64, _ count: UInt64, into output: Buffer) async throws(EngineError) {
        try await storage.read(held(offset, count), into: output)
    }

    private func readParent(_ range: ByteRange, into output: Buffer) async throws(EngineError) {
        let before = output.count
        if let parent, let part = range.intersection(ByteRange(0, parent.size)) {
            try await parent.read(part, into: output)
        }
        output.appendZeros(Int(range.count) - (output.count - before))
    }

    private func append(_ range: ByteRange, at offset: UInt64, to list: inout ExtentList) async throws(EngineError) {
        let place = try held(offset, range.count)
        list.append(try await storage.extents(in: place), from: place.start, at: range.start)
    }

    private func appendParent(_ range: ByteRange, to list: inout ExtentList) async throws(EngineError) {
        var done = range.start
        if let parent, let part = range.intersection(ByteRange(0, parent.size)) {
            list.append(try await parent.extents(in: part), from: part.start, at: part.start)
            done = part.end
        }
        list.append(ByteRange(done, range.end), isZero: true)
    }
}
