/// What a reader needs of the superblock of XFS: XFS Algorithms & Data Structures, third edition. All numbers big-endian.
struct XFSSuperblock: Sendable {
    /// Bytes.
    let blockSize: Int
    let inodeSize: Int
    /// Blocks of an allocation group.
    let groupBlocks: UInt64
    let groupCount: UInt64
    /// Logarithms of inodes in a block, and of blocks in a group.
    let inodesLog: UInt64
    let groupLog: UInt64
    let rootInode: UInt64
    /// Bytes of a block of a folder.
    let folderBlockSize: Int
    /// Whether names in folders tell what they are of.
    let hasFileTypes: Bool

    init(_ fields: ImageFields, what: String) throws(EngineError) {
        blockSize = Int(fields.big(4, as: UInt32.self))
        inodeSize = Int(fields.big(104, as: UInt16.self))
        groupBlocks = UInt64(fields.big(84, as: UInt32.self))
        groupCount = UInt64(fields.big(88, as: UInt32.self))
        inodesLog = UInt64(fields.byte(123))
        groupLog = UInt64(fields.byte(124))
        rootInode = fields.big(56)
        let folderLog = Int(fields.byte(192))
        let isNew = fields.big(100, as: UInt16.self) & 15 == 5
        hasFileTypes =
            isNew ? fields.big(216, as: UInt32.self) & 1 != 0 : fields.big(200, as: UInt32.self) & 0x200 != 0
        guard fields.has("XFSB", at: 0), blockSize & (blockSize - 1) == 0, (512...65536).contains(blockSize),
            (256...2048).contains(inodeSize), groupBlocks > 0, groupCount > 0, inodesLog < 16, groupLog < 32,
            folderLog < 8, blockSize << folderLog <= 65536
        else { throw EngineError(.corrupt, "\(what): the superblock of XFS is damaged") }
        folderBlockSize = blockSize << folderLog
    }

    /// The byte of the volume where a block lies, whose number begins with that of its group.
    func place(ofBlock number: UInt64, on volume: GuestVolume) throws(EngineError) -> UInt64 {
        let (group, block) = (number >> groupLog, number & (1 << groupLog - 1))
        guard group < groupCount, block < groupBlocks else {
            throw EngineError(.corrupt, "\(volume.name): a block lies outside its group")
        }
        return try volume.place(ofBlock: group * groupBlocks + block, size: blockSize)
    }

    func place(ofInode number: UInt64, on volume: GuestVolume) throws(EngineError) -> UInt64 {
        let place = try place(ofBlock: number >> inodesLog, on: volume)
        return place + (number & (1 << inodesLog - 1)) * UInt64(inodeSize)
    }
}
