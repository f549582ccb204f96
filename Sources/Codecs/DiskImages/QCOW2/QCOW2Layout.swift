import Engine

/// Numbers of the qcow2 format: QEMU's `docs/interop/qcow2`. All integers are big-endian.
enum QCOW2Layout {
    static let magic: UInt32 = 0x5146_49FB
    static let headerSizeBefore = 72
    static let leastHeaderSize = 104
    /// What a new file has: with the compression type, and padding to a multiple of 8.
    static let headerSize = 112
    static let compressionTypeField = 104

    static let clusterBits = 9...21
    /// With subclusters, a cluster has 32 of them of at least 512 bytes.
    static let leastBitsWithSubclusters = 14
    static let subclusters: UInt64 = 32
    static let largestRefcountOrder = 6
    /// What every file of version 2 has, and new ones: 16 bits a refcount.
    static let usualRefcountOrder = 4

    /// Bytes of the largest table of the first level that QEMU opens.
    static let mostL1Bytes: UInt64 = 32 << 20
    /// Bytes of the largest refcount table that QEMU opens.
    static let mostRefcountTableBytes: UInt64 = 8 << 20
    static let mostSnapshots: UInt64 = 65_536
    static let mostBitmaps: UInt64 = 65_535
    static let longestName = 1023
    /// The longest chain of backing files that is followed.
    static let longestChain = 64

    /// Where an entry of either level has the place of what it stands for.
    static let offsetMask: UInt64 = 0x00FF_FFFF_FFFF_FE00
    /// The cluster is used once: it may be written to.
    static let copied: UInt64 = 1 << 63
    static let compressed: UInt64 = 1 << 62
    /// The cluster reads as zeros.
    static let zero: UInt64 = 1
    /// Bits of an L1 entry, and of a standard L2 entry, that mean nothing.
    static let reservedInL1: UInt64 = 0x7F00_0000_0000_01FF
    static let reservedInL2: UInt64 = 0x3F00_0000_0000_01FE
    static let reservedInRefcountTable: UInt64 = 0x1FF
    static let reservedInBitmapTable: UInt64 = 0xFF00_0000_0000_01FE

    static let sector: UInt64 = 512

    /// The size that a disk has in an image: whole sectors.
    static func diskSize(for bytes: UInt64) -> UInt64 { (bytes + sector - 1) / sector * sector }
}

/// What an image needs that its readers must know: bits of the header's incompatible features.
struct QCOW2Features: OptionSet, Sendable, Equatable {
    let rawValue: UInt64

    static let dirty = QCOW2Features(rawValue: 1 << 0)
    static let corrupt = QCOW2Features(rawValue: 1 << 1)
    static let externalData = QCOW2Features(rawValue: 1 << 2)
    static let compressionType = QCOW2Features(rawValue: 1 << 3)
    static let subclusters = QCOW2Features(rawValue: 1 << 4)
    static let known: QCOW2Features = [.dirty, .corrupt, .externalData, .compressionType, .subclusters]

    /// The bits that no reader of this version knows.
    var unknownBits: [Int] {
        let unknown = rawValue & ~Self.known.rawValue
        return (0..<64).filter { unknown >> UInt64($0) & 1 == 1 }
    }
}
