import Engine

/// The header of one entry of the log.
struct VHDXLogEntry: Sendable, Equatable {
    /// Bytes from the log's beginning.
    let offset: UInt64
    let length: UInt64
    /// Where the oldest entry is that must be replayed with this one.
    let tail: UInt64
    let sequence: UInt64
    let descriptorCount: Int
    /// Bytes that the file had for sure when this was written.
    let flushedEnd: UInt64
    /// Bytes that the file must have.
    let lastEnd: UInt64

    static let sector: UInt64 = 4096
    static let headerSize = 64
    static let descriptorSize = 32
    static let checksumField = 4
    /// More are not replayed: a log of Windows has a few hundred.
    static let mostDescriptors: UInt32 = 100_000

    /// Reads the header at `offset`; nil when none of this log is there.
    init?(_ fields: ImageFields, at offset: UInt64, logID: ImageID, logSize: UInt64) {
        guard fields.has("loge", at: 0), ImageID(microsoft: fields.slice(32, 16)) == logID else { return nil }
        let (length, tail, count): (UInt32, UInt32, UInt32) = (fields.little(8), fields.little(12), fields.little(24))
        let sequence: UInt64 = fields.little(16)
        guard length > 0, UInt64(length) % Self.sector == 0, UInt64(length) <= logSize, UInt64(tail) < logSize,
            UInt64(tail) % Self.sector == 0, sequence > 0, count <= Self.mostDescriptors,
            Self.descriptorArea(count: Int(count)) <= UInt64(length)
        else { return nil }
        self.offset = offset
        self.length = UInt64(length)
        self.tail = UInt64(tail)
        self.sequence = sequence
        descriptorCount = Int(count)
        flushedEnd = fields.little(48)
        lastEnd = fields.little(56)
    }

    /// Bytes of the header and the descriptors, in whole sectors.
    var descriptorArea: UInt64 { Self.descriptorArea(count: descriptorCount) }

    private static func descriptorArea(count: Int) -> UInt64 {
        (UInt64(headerSize + descriptorSize * count) + sector - 1) / sector * sector
    }
}
