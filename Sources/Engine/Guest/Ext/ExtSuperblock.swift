/// What a reader needs of the superblock of ext2, ext3 and ext4: the kernel's documentation, filesystems/ext4.
struct ExtSuperblock: Sendable {
    /// Bytes.
    let blockSize: Int
    let inodeSize: Int
    let inodeCount: UInt32
    let inodesPerGroup: UInt32
    let firstDataBlock: UInt32
    /// Bytes of a group's descriptor.
    let descriptorSize: Int
    private let incompatible: UInt32

    static let place: UInt64 = 1024
    static let count = 1024

    /// Changes in the journal have not come to their places.
    var needsRecovery: Bool { incompatible & 0x4 != 0 }
    var has64Bit: Bool { incompatible & 0x80 != 0 }

    /// Features that do not change what is read here: file types, recovery, extents, 64 bit, multi-mount protection,
    /// flexible groups, extended attributes in inodes, checksum seeds, large folders, inline data, encryption of
    /// single files, case folding.
    private static let known: UInt32 =
        0x2 | 0x4 | 0x40 | 0x80 | 0x100 | 0x200 | 0x400 | 0x2000 | 0x4000 | 0x8000 | 0x10000 | 0x20000

    init(_ fields: ImageFields, what: String) throws(EngineError) {
        incompatible = fields.little(96)
        let logarithm = fields.little(24, as: UInt32.self)
        let isOld = fields.little(76, as: UInt32.self) == 0
        inodeSize = isOld ? 128 : Int(fields.little(88, as: UInt16.self))
        inodeCount = fields.little(0)
        inodesPerGroup = fields.little(40)
        firstDataBlock = fields.little(20)
        descriptorSize = incompatible & 0x80 == 0 ? 32 : Int(fields.little(254, as: UInt16.self))
        blockSize = logarithm <= 6 ? 1024 << Int(logarithm) : 0
        guard fields.little(56, as: UInt16.self) == 0xEF53, blockSize > 0, inodesPerGroup > 0, inodeCount > 0,
            (128...blockSize).contains(inodeSize), (32...1024).contains(descriptorSize)
        else { throw EngineError(.corrupt, "\(what): the superblock of ext is damaged") }
        guard incompatible & ~Self.known == 0 else {
            let features = String(incompatible & ~Self.known, radix: 16)
            throw EngineError(.unsupported, "\(what): ext with features that are not known here (0x\(features))")
        }
    }
}
