import Engine

/// A part of a disk that is kept in grains; those that are not in the file are as in the parent, or zeros.
struct VMDKGrainDisk<Map: BlockMap>: BlockReader {
    let storage: any ImageStorage
    let map: Map
    /// The part of the parent that this one differs from.
    let parent: (any BlockReader)?
    /// Where the file is a stream.
    var compressed: VMDKCompressedGrains?
    /// Bytes: may be fewer than the tables have.
    let size: UInt64

    func extents(in range: ByteRange) async throws(EngineError) -> [DiskExtent] {
        var list = ExtentList()
        let runs = VMDKGrainRuns(map, range, isCompressed: compressed != nil)
        while let run = try await runs.next() {
            switch run.place {
            case .stored(let offset) where compressed == nil:
                let place = try held(offset, run.range.count)
                list.append(try await storage.extents(in: place), from: place.start, at: run.range.start)
            case .parent: try await appendParent(run.range, to: &list)
            case .zero: list.append(run.range, isZero: true)
            case .stored, .mixed: list.append(run.range, isZero: false)
            }
        }
        return list.extents
    }

    func read(_ range: ByteRange, into output: Buffer) async throws(EngineError) {
        let runs = VMDKGrainRuns(map, range, isCompressed: compressed != nil)
        while let run = try await runs.next() {
            switch run.place {
            case .stored(let offset):
                if let compressed {
                    try await read(run.range, at: offset, from: compressed, into: output)
                } else {
                    try await storage.read(held(offset, run.range.count), into: output)
                }
            case .parent: try await readParent(run.range, into: output)
            case .zero, .mixed: output.appendZeros(Int(run.range.count))
            }
        }
    }

    // MARK: Bytes

    /// The range of the file.
    /// - Throws: `.corrupt` when the file ends before.
    private func held(_ offset: UInt64, _ count: UInt64) throws(EngineError) -> ByteRange {
        guard offset <= storage.size, count <= storage.size - offset else {
            throw EngineError(
                .corrupt,
                "\(storage.name): a grain should be at \(offset), but the file ends at \(storage.size): it is damaged "
                    + "or cut off")
        }
        return ByteRange(start: offset, count: count)
    }

    private func read(
        _ range: ByteRange, at offset: UInt64, from compressed: VMDKCompressedGrains, into output: Buffer
    ) async throws(EngineError) {
        let start = range.start / map.blockSize * map.blockSize
        let part = Int(range.start - start)..<Int(range.end - start)
        try await compressed.read(part, ofGrainAt: offset, sector: start / VMDKLayout.sector, into: output)
    }

    private func readParent(_ range: ByteRange, into output: Buffer) async throws(EngineError) {
        if let parent {
            try await parent.read(range, into: output)
        } else {
            output.appendZeros(Int(range.count))
        }
    }

    private func appendParent(_ range: ByteRange, to list: inout ExtentList) async throws(EngineError) {
        if let parent {
            list.append(try await parent.extents(in: range), from: range.start, at: range.start)
        } else {
            list.append(range, isZero: true)
        }
    }
}
