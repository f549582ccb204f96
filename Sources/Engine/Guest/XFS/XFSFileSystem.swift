/// Reads XFS of versions 4 and 5 as it lies. Its log is not replayed, which holds what the last half minute changed.
struct XFSFileSystem: GuestFileSystem {
    private let volume: GuestVolume
    private let superblock: XFSSuperblock

    var root: UInt64 { superblock.rootInode }
    let isCaseSensitive = true
    /// Whether the log is empty can only be told by reading all of it.
    let needsRecovery = true

    private static let folderLimit: UInt64 = 16 << 20
    /// Where the indexes of a folder begin.
    private static let folderEnd: UInt64 = 32 << 30
    private static let longestLink: UInt64 = 1024

    static func open(_ volume: GuestVolume) async throws(EngineError) -> XFSFileSystem {
        let fields = try await volume.fields(at: 0, count: 512)
        return XFSFileSystem(volume: volume, superblock: try XFSSuperblock(fields, what: volume.name))
    }

    func node(_ reference: UInt64) async throws(EngineError) -> GuestNode {
        let inode = try await inode(reference)
        return GuestNode(reference: reference, kind: inode.kind, size: inode.size)
    }

    func entries(of folder: GuestNode) async throws(EngineError) -> [GuestEntry] {
        let inode = try await inode(folder.reference)
        guard inode.kind == .folder else { return [] }
        let reader = XFSFolder(hasFileTypes: superblock.hasFileTypes)
        if inode.form == .local { return reader.entries(inode: inode.fork) }
        let runs = try await XFSExtents(volume: volume, superblock: superblock).runs(inode)
            .filter { $0.start < Self.folderEnd }
        let size = min(runs.map(\.end).max() ?? 0, Self.folderLimit)
        let file = try GuestFile(size: size, runs, on: volume)
        var found: [GuestEntry] = []
        var position: UInt64 = 0
        while position < size {
            found += reader.entries(block: try await file.bytes(at: position, count: superblock.folderBlockSize))
            position += UInt64(superblock.folderBlockSize)
        }
        return found
    }

    func content(of node: GuestNode) async throws(EngineError) -> GuestFile {
        let inode = try await inode(node.reference)
        if inode.form == .local { return GuestFile(Array(inode.fork.prefix(Int(clamping: inode.size)))) }
        guard inode.size <= GuestFile.limit else {
            throw EngineError(.unsupported, "\(volume.name): a file of \(ByteCount(inode.size)) is not looked into")
        }
        let runs = try await XFSExtents(volume: volume, superblock: superblock).runs(inode)
        let file = try GuestFile(size: inode.size, runs, on: volume)
        return inode.kind == .link ? try await link(file, inode.size) : file
    }

    /// Blocks of links have heads in version 5.
    private func link(_ file: GuestFile, _ size: UInt64) async throws(EngineError) -> GuestFile {
        let bytes = try await GuestFile(
            size: UInt64(superblock.blockSize), file.runs, on: volume
        ).bytes(limit: superblock.blockSize)
        let start = ImageFields(bytes).has("XSLM", at: 0) ? 56 : 0
        return GuestFile(Array(bytes.dropFirst(start).prefix(Int(min(size, Self.longestLink)))))
    }

    private func inode(_ number: UInt64) async throws(EngineError) -> XFSInode {
        let place = try superblock.place(ofInode: number, on: volume)
        return try XFSInode(try await volume.fields(at: place, count: superblock.inodeSize), what: volume.name)
    }
}
