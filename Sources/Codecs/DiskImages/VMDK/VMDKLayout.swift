import Engine

/// Numbers of the VMDK format: VMware's "Virtual Disk Format 5.0" and what its later products do. All integers are
/// little-endian; most offsets and sizes are in sectors.
enum VMDKLayout {
    static let sector: UInt64 = 512
    static let sparseMagic = "KDMV"
    /// Snapshots of ESX: "copy on write disk".
    static let cowdMagic = "COWD"
    static let headerSize = 512
    /// Stands in a header for "the footer knows".
    static let directoryInFooter = UInt64.max

    /// What new files have: bytes of a grain, the sectors of their descriptor, what the first grain begins at.
    static let grainSize: UInt64 = 64 << 10
    static let descriptorSectors: UInt64 = 20
    static let alignment: UInt64 = 64 << 10
    /// Entries of a grain table: other numbers are refused by VMware's and others' readers.
    static let tableEntries: UInt64 = 512
    static let tableSize: UInt64 = 2048
    /// Bytes of a disk that one table of a new file stands for.
    static let tableReach = grainSize * tableEntries

    /// Sectors of a grain that are read; a power of two.
    static let grainSectors: ClosedRange<UInt64> = 1...4096
    /// Bytes of a disk that can be read.
    static let mostBytes: UInt64 = 1 << 50
    /// Bytes of a file whose grains have 32-bit sector numbers.
    static let mostFileBytes: UInt64 = 2 << 40
    /// Bytes of a disk in one sparse file.
    static let mostSparseBytes: UInt64 = 2 << 40
    /// Sectors of the parts of a split disk, as VMware makes them: 2047 MiB.
    static let splitSectors: UInt64 = 4_192_256
    static let mostDescriptorBytes: UInt64 = 1 << 20
    static let mostExtents = 65_536
    /// The longest chain of differing disks that is followed.
    static let longestChain = 64

    static func sectors(_ bytes: UInt64) -> UInt64 { (bytes + sector - 1) / sector }

    static func aligned(_ bytes: UInt64) -> UInt64 { (bytes + alignment - 1) / alignment * alignment }
}
