import Engine

/// The footer at the end of a VHD, and its copy at the beginning of a dynamic one.
struct VHDFooter: Sendable, Equatable {
    enum Kind: UInt32, Sendable {
        case fixed = 2
        case dynamic = 3
        case differencing = 4
    }

    /// Where the dynamic header is; all ones in fixed disks.
    var dataOffset: UInt64
    /// Seconds since 2000.
    var time: UInt32
    var creator: String
    /// Bytes of the disk when it was made.
    var originalSize: UInt64
    /// Bytes of the disk.
    var currentSize: UInt64
    var geometry: VHDGeometry
    var kind: Kind
    var id: ImageID

    static let size = 512
    private static let checksumField = 64
    /// Hyper-V's name. With another one, some readers take the size that the geometry can express, which is smaller.
    static let usualCreator = "win "
    /// Whose `currentSize` every reader believes.
    static let trustedCreators = [usualCreator, "qem2", "d2v ", "CTXS", "tap\0"]
    /// Who made the size fit the geometry.
    static let roundingCreators = ["vpc ", "qemu"]

    /// Reads a footer that must be good.
    /// - Throws: `.corrupt` saying what is wrong.
    init(_ fields: ImageFields, what: String) throws(EngineError) {
        guard Self.hasCookie(fields) else { throw EngineError(.corrupt, "\(what) has no signature `conectix`") }
        guard Self.hasChecksum(fields) else { throw EngineError(.corrupt, "\(what) has a wrong checksum") }
        guard fields.big(12, as: UInt32.self) >> 16 == 1 else {
            throw EngineError(.unsupported, "\(what) is of version \(fields.big(12, as: UInt32.self) >> 16), not 1")
        }
        guard let kind = Kind(rawValue: fields.big(60)) else {
            throw EngineError(.unsupported, "\(what): disk type \(fields.big(60, as: UInt32.self)) is not supported")
        }
        dataOffset = fields.big(16)
        time = fields.big(24)
        creator = String(decoding: fields.slice(28, 4), as: UTF8.self)
        originalSize = fields.big(40)
        currentSize = fields.big(48)
        geometry = VHDGeometry(
            cylinders: fields.big(56), heads: fields.byte(58), sectorsPerTrack: fields.byte(59))
        self.kind = kind
        id = ImageID(bytes: fields.slice(68, 16))
        guard currentSize % VHDLayout.sector == 0 else {
            throw EngineError(.corrupt, "\(what): a size of \(currentSize) bytes is no whole number of sectors")
        }
        guard currentSize <= 1 << 60 else {
            throw EngineError(.corrupt, "\(what): a size of \(currentSize) bytes cannot be")
        }
    }

    /// A new one.
    init(size: UInt64, kind: Kind, id: ImageID, time: Timestamp) {
        dataOffset = kind == .fixed ? .max : VHDLayout.headerOffset
        let seconds = time.milliseconds / 1000 - VHDLayout.epoch
        self.time = UInt32(clamping: seconds)
        creator = Self.usualCreator
        originalSize = size
        currentSize = size
        geometry = VHDGeometry(sectors: size / VHDLayout.sector)
        self.kind = kind
        self.id = id
    }

    static func hasCookie(_ fields: ImageFields) -> Bool { fields.has(VHDLayout.footerCookie, at: 0) }

    static func hasChecksum(_ fields: ImageFields) -> Bool {
        fields.big(checksumField) == VHDLayout.checksum(fields.bytes, fieldAt: checksumField)
    }

    /// The 512 bytes.
    var bytes: [UInt8] {
        var fields = ImageFields(count: Self.size)
        fields.set(VHDLayout.footerCookie, at: 0)
        fields.setBig(UInt32(2), at: 8)
        fields.setBig(VHDLayout.version, at: 12)
        fields.setBig(dataOffset, at: 16)
        fields.setBig(time, at: 24)
        fields.set(Array(creator.utf8.prefix(4)), at: 28)
        fields.setBig(UInt32(0x000A_0000), at: 32)
        fields.set("Wi2k", at: 36)
        fields.setBig(originalSize, at: 40)
        fields.setBig(currentSize, at: 48)
        fields.setBig(geometry.cylinders, at: 56)
        fields.set([geometry.heads, geometry.sectorsPerTrack], at: 58)
        fields.setBig(kind.rawValue, at: 60)
        fields.set(id.bytes, at: 68)
        fields.setBig(VHDLayout.checksum(fields.bytes, fieldAt: Self.checksumField), at: Self.checksumField)
        return fields.bytes
    }

    /// Whether every reader takes `currentSize` for the size.
    var sizeIsTrusted: Bool {
        Self.trustedCreators.contains(creator) || geometry.isSaturated || geometry.sectors * 512 == currentSize
    }
}
