/// Where the blocks of a file of XFS are: a list of extents, or a tree of them.
struct XFSExtents {
    let volume: GuestVolume
    let superblock: XFSSuperblock

    private static let mostNodes = 20_000
    private static let mostRuns = 400_000
    private static let deepest = 8

    func runs(_ inode: XFSInode) async throws(EngineError) -> [GuestFile.Run] {
        let fork = ImageFields(inode.fork)
        switch inode.form {
        case .extents: return try runs(fork, from: 0, count: min(inode.extentCount, fork.bytes.count / 16))
        case .tree: return try await tree(fork)
        default: throw EngineError(.unsupported, "\(volume.name): a file of XFS in a form that is not known")
        }
    }

    private func tree(_ root: ImageFields) async throws(EngineError) -> [GuestFile.Run] {
        var runs: [GuestFile.Run] = []
        let level = Int(root.big(0, as: UInt16.self))
        let most = (root.bytes.count - 4) / 16
        guard level >= 1, level <= Self.deepest, most > 0 else { throw damaged }
        let count = min(Int(root.big(2, as: UInt16.self)), most)
        var pending = (0..<count).map { (block: root.big(4 + 8 * most + 8 * $0, as: UInt64.self), level: level - 1) }
        var visited = 0
        while let next = pending.popLast() {
            visited += 1
            guard visited <= Self.mostNodes, runs.count <= Self.mostRuns else { throw damaged }
            let place = try superblock.place(ofBlock: next.block, on: volume)
            let node = try await volume.fields(at: place, count: superblock.blockSize)
            let isNew = node.has("BMA3", at: 0)
            guard isNew || node.has("BMAP", at: 0), Int(node.big(4, as: UInt16.self)) == next.level else {
                throw damaged
            }
            let head = isNew ? 72 : 24
            let room = (superblock.blockSize - head) / 16
            let count = min(Int(node.big(6, as: UInt16.self)), room)
            if next.level == 0 {
                runs += try self.runs(node, from: head, count: count)
            } else {
                pending += (0..<count).map { (node.big(head + 8 * room + 8 * $0, as: UInt64.self), next.level - 1) }
            }
        }
        return runs
    }

    /// Extents of 16 bytes: whether written, block of the file, block of the volume, count.
    private func runs(
        _ fields: ImageFields, from start: Int, count: Int
    ) throws(EngineError) -> [GuestFile.Run] {
        var runs: [GuestFile.Run] = []
        let unit = UInt64(superblock.blockSize)
        for index in 0..<count {
            let high = fields.big(start + 16 * index, as: UInt64.self)
            let low = fields.big(start + 16 * index + 8, as: UInt64.self)
            let first = (high << 1) >> 10
            let blocks = low & 0x1F_FFFF
            // Behind this lie the indexes of folders, and no file is that long.
            guard first < 1 << 40 else { continue }
            let place = try superblock.place(ofBlock: (high & 0x1FF) << 43 | low >> 21, on: volume)
            runs.append(
                GuestFile.Run(start: first * unit, count: blocks * unit, place: high >> 63 == 0 ? place : nil))
        }
        return runs
    }

    private var damaged: EngineError {
        EngineError(.corrupt, "\(volume.name): the tree of a file's extents is damaged")
    }
}
