/// Where the blocks of a file are, told by twelve pointers and three trees of them, as ext2 and ext3 have it.
struct ExtPointers {
    let volume: GuestVolume
    let blockSize: Int

    private static let mostNodes = 20_000

    private struct Branch {
        let block: UInt64
        /// 0 for a block of the file itself.
        let level: Int
        /// Number of the first block of the file below.
        let first: UInt64
    }

    /// - Parameter head: 15 pointers.
    func runs(_ head: [UInt8], size: UInt64) async throws(EngineError) -> [GuestFile.Run] {
        let wanted = (size + UInt64(blockSize) - 1) / UInt64(blockSize)
        var runs: [GuestFile.Run] = []
        var pending: [Branch] = Self.heads(ImageFields(head), pointers: UInt64(blockSize / 4)).reversed()
        var visited = 0
        while let branch = pending.popLast() {
            guard branch.block != 0, branch.first < wanted else { continue }
            let place = try volume.place(ofBlock: branch.block, size: blockSize)
            guard branch.level > 0 else {
                Self.append(branch.first * UInt64(blockSize), place, UInt64(blockSize), to: &runs)
                continue
            }
            visited += 1
            guard visited <= Self.mostNodes else {
                throw EngineError(.corrupt, "\(volume.name): a file has more blocks than make sense")
            }
            let node = try await volume.fields(at: place, count: blockSize)
            pending += below(branch, node).reversed()
        }
        return runs
    }

    private static func heads(_ head: ImageFields, pointers: UInt64) -> [Branch] {
        var heads: [Branch] = []
        var first: UInt64 = 0
        for index in 0..<15 {
            let level = max(0, index - 11)
            heads.append(Branch(block: UInt64(head.little(4 * index, as: UInt32.self)), level: level, first: first))
            first += (0..<level).reduce(1) { span, _ in span * pointers }
        }
        return heads
    }

    private func below(_ branch: Branch, _ node: ImageFields) -> [Branch] {
        let pointers = UInt64(blockSize / 4)
        let span = (1..<branch.level).reduce(1) { span, _ in span * pointers }
        return (0..<pointers).map { index in
            Branch(
                block: UInt64(node.little(4 * Int(index), as: UInt32.self)), level: branch.level - 1,
                first: branch.first + index * span)
        }
    }

    /// Joins what lies side by side.
    private static func append(_ start: UInt64, _ place: UInt64, _ count: UInt64, to runs: inout [GuestFile.Run]) {
        if let last = runs.last, last.end == start, last.place.map({ $0 + last.count }) == place {
            runs[runs.count - 1] = GuestFile.Run(start: last.start, count: last.count + count, place: last.place)
        } else {
            runs.append(GuestFile.Run(start: start, count: count, place: place))
        }
    }
}
