/// Reads ext2, ext3 and ext4 as they lie: the kernel's documentation, filesystems/ext4. The journal is not replayed,
/// and checksums are not compared: this is for looking, not for restoring.
struct ExtFileSystem: GuestFileSystem {
    private let volume: GuestVolume
    private let superblock: ExtSuperblock

    let root: UInt64 = 2
    let isCaseSensitive = true
    var needsRecovery: Bool { superblock.needsRecovery }

    /// Folders that are larger are read to here.
    private static let folderLimit: UInt64 = 8 << 20

    static func open(_ volume: GuestVolume) async throws(EngineError) -> ExtFileSystem {
        let fields = try await volume.fields(at: ExtSuperblock.place, count: ExtSuperblock.count)
        return ExtFileSystem(volume: volume, superblock: try ExtSuperblock(fields, what: volume.name))
    }

    func node(_ reference: UInt64) async throws(EngineError) -> GuestNode {
        let inode = try await inode(reference)
        return GuestNode(reference: reference, kind: inode.kind, size: inode.size)
    }

    func entries(of folder: GuestNode) async throws(EngineError) -> [GuestEntry] {
        let inode = try await inode(folder.reference)
        guard inode.kind == .folder, !inode.isEncrypted else { return [] }
        if inode.hasInlineData {
            let blocks = inode.blocks
            return ExtFolder.entries(Array(blocks[4...])) + ExtFolder.entries(inode.inlineRest)
        }
        let size = min(inode.size, Self.folderLimit)
        let file = try await content(of: inode, size: size)
        var found: [GuestEntry] = []
        var position: UInt64 = 0
        while position < size {
            found += ExtFolder.entries(try await file.bytes(at: position, count: superblock.blockSize))
            position += UInt64(superblock.blockSize)
        }
        return found
    }

    func content(of node: GuestNode) async throws(EngineError) -> GuestFile {
        let inode = try await inode(node.reference)
        guard !inode.isEncrypted else {
            throw EngineError(.locked, "\(volume.name): the file is encrypted by the guest")
        }
        if inode.isShortLink { return GuestFile(Array(inode.blocks.prefix(Int(inode.size)))) }
        if inode.hasInlineData {
            return GuestFile(Array((inode.blocks + inode.inlineRest).prefix(Int(clamping: inode.size))))
        }
        return try await content(of: inode, size: inode.size)
    }

    private func content(of inode: ExtInode, size: UInt64) async throws(EngineError) -> GuestFile {
        guard size <= GuestFile.limit else {
            throw EngineError(.unsupported, "\(volume.name): a file of \(ByteCount(size)) is not looked into")
        }
        let runs =
            inode.hasExtents
            ? try await ExtExtents(volume: volume, blockSize: superblock.blockSize).runs(inode.blocks)
            : try await ExtPointers(volume: volume, blockSize: superblock.blockSize).runs(inode.blocks, size: size)
        return try GuestFile(size: size, runs, on: volume)
    }

    private func inode(_ number: UInt64) async throws(EngineError) -> ExtInode {
        guard number >= 1, number <= UInt64(superblock.inodeCount) else {
            throw EngineError(.corrupt, "\(volume.name): there is no inode \(number)")
        }
        let group = (number - 1) / UInt64(superblock.inodesPerGroup)
        let index = (number - 1) % UInt64(superblock.inodesPerGroup)
        let table = try await volume.place(
            ofBlock: inodeTable(ofGroup: group), size: superblock.blockSize)
        let place = table + index * UInt64(superblock.inodeSize)
        return ExtInode(try await volume.fields(at: place, count: superblock.inodeSize))
    }

    private func inodeTable(ofGroup group: UInt64) async throws(EngineError) -> UInt64 {
        let first = (UInt64(superblock.firstDataBlock) + 1) * UInt64(superblock.blockSize)
        let descriptor = try await volume.fields(
            at: first + group * UInt64(superblock.descriptorSize), count: superblock.descriptorSize)
        let low = UInt64(descriptor.little(8, as: UInt32.self))
        guard superblock.has64Bit, superblock.descriptorSize >= 64 else { return low }
        return low | UInt64(descriptor.little(40, as: UInt32.self)) << 32
    }
}
