import Engine

/// Numbers of the VHD format: Microsoft's "Virtual Hard Disk Image Format Specification", version 1.0. All integers are
/// big-endian.
enum VHDLayout {
    static let sector: UInt64 = 512
    static let footerCookie = "conectix"
    static let headerCookie = "cxsparse"
    static let version: UInt32 = 0x0001_0000
    static let headerOffset: UInt64 = 512
    static let headerSize = 1024
    static let tableOffset: UInt64 = 1536
    /// An entry of the block allocation table for a block that is not there.
    static let absent: UInt32 = 0xFFFF_FFFF
    static let usualBlock: UInt64 = 2 << 20
    /// What is read; the specification knows 512 KiB and 2 MiB.
    static let blockSizes: ClosedRange<UInt64> = 4096...(1 << 30)
    /// Sectors: what block allocation tables can hold, 2040 GiB.
    static let mostSectors: UInt64 = 0xFF00_0000
    /// Bytes: the smallest disk that Azure takes uploads of.
    static let leastForAzure: UInt64 = 20 << 20
    /// Bytes: Azure's largest disk.
    static let mostForAzure: UInt64 = 32 << 40
    /// Seconds from 1970 to 2000, where the format's time begins.
    static let epoch: Int64 = 946_684_800
    /// The longest chain of differing disks that is followed.
    static let longestChain = 64

    /// Bytes of a block's sector bitmap in the file.
    static func bitmapSize(ofBlock blockSize: UInt64) -> UInt64 {
        let bits = blockSize / sector
        return ((bits + 7) / 8 + sector - 1) / sector * sector
    }

    /// The one's complement of the sum of all bytes but those of the checksum itself.
    static func checksum(_ bytes: [UInt8], fieldAt field: Int) -> UInt32 {
        var sum: UInt32 = 0
        for (index, byte) in bytes.enumerated() where index < field || index >= field + 4 { sum &+= UInt32(byte) }
        return ~sum
    }
}
