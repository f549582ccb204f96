/// Where the blocks of a file are, told by a tree of extents.
struct ExtExtents {
    let volume: GuestVolume
    let blockSize: Int

    private static let magic: UInt16 = 0xF30A
    private static let deepest = 5
    private static let mostNodes = 20_000
    private static let mostRuns = 400_000

    private struct Branch {
        let block: UInt64
        let depth: Int
    }

    /// - Parameter head: the tree's first node, which stands in the inode.
    func runs(_ head: [UInt8]) async throws(EngineError) -> [GuestFile.Run] {
        var runs: [GuestFile.Run] = []
        var pending: [Branch] = []
        var node = ImageFields(head)
        var depth: Int?
        var visited = 0
        while true {
            let (found, branches) = try read(node, depth: depth)
            runs += found
            pending += branches
            guard let next = pending.popLast() else { return runs }
            visited += 1
            guard visited <= Self.mostNodes, runs.count <= Self.mostRuns else {
                throw EngineError(.corrupt, "\(volume.name): a file has more extents than make sense")
            }
            let place = try volume.place(ofBlock: next.block, size: blockSize)
            node = try await volume.fields(at: place, count: blockSize)
            depth = next.depth
        }
    }

    /// - Parameter depth: which the parent demands; nil for the head.
    private func read(
        _ node: ImageFields, depth wanted: Int?
    ) throws(EngineError) -> ([GuestFile.Run], [Branch]) {
        let count = Int(node.little(2, as: UInt16.self))
        let depth = Int(node.little(6, as: UInt16.self))
        guard node.little(0, as: UInt16.self) == Self.magic, depth <= Self.deepest, wanted == nil || wanted == depth,
            12 + 12 * count <= node.bytes.count
        else { throw EngineError(.corrupt, "\(volume.name): the tree of a file's extents is damaged") }
        let offsets = (0..<count).map { 12 + 12 * $0 }
        if depth > 0 {
            return ([], offsets.map { Branch(block: wide(node, $0 + 4, $0 + 8), depth: depth - 1) })
        }
        var runs: [GuestFile.Run] = []
        for offset in offsets { runs.append(try run(node, offset)) }
        return (runs, [])
    }

    private func run(_ node: ImageFields, _ offset: Int) throws(EngineError) -> GuestFile.Run {
        let length = Int(node.little(offset + 4, as: UInt16.self))
        // Longer ones are room that nothing was written to.
        let isWritten = length <= 32768
        let count = UInt64(isWritten ? length : length - 32768) * UInt64(blockSize)
        let place = try volume.place(ofBlock: wide(node, offset + 8, offset + 6), size: blockSize)
        return GuestFile.Run(
            start: UInt64(node.little(offset, as: UInt32.self)) * UInt64(blockSize), count: count,
            place: isWritten ? place : nil)
    }

    /// A number of 48 bits in two parts.
    private func wide(_ node: ImageFields, _ low: Int, _ high: Int) -> UInt64 {
        UInt64(node.little(low, as: UInt32.self)) | UInt64(node.little(high, as: UInt16.self)) << 32
    }
}
