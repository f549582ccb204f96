import Engine

/// The header of a dynamic or differencing VHD.
struct VHDDynamicHeader: Sendable, Equatable {
    /// Where a differencing disk says its parent is.
    struct Locator: Sendable, Equatable {
        /// `W2ru`, `W2ku` and others.
        let code: String
        let offset: UInt64
        let length: UInt32
    }

    var tableOffset: UInt64
    var tableEntries: UInt32
    var blockSize: UInt64
    var parentID: ImageID
    /// The parent's name, as its maker saw it.
    var parentName: String
    var locators: [Locator]

    private static let checksumField = 36

    /// - Throws: `.corrupt` saying what is wrong.
    init(_ fields: ImageFields, what: String) throws(EngineError) {
        guard Self.hasCookie(fields) else { throw EngineError(.corrupt, "\(what) has no signature `cxsparse`") }
        guard Self.hasChecksum(fields) else { throw EngineError(.corrupt, "\(what) has a wrong checksum") }
        guard fields.big(24, as: UInt32.self) >> 16 == 1 else {
            throw EngineError(.unsupported, "\(what) is of version \(fields.big(24, as: UInt32.self) >> 16), not 1")
        }
        tableOffset = fields.big(16)
        tableEntries = fields.big(28)
        blockSize = UInt64(fields.big(32, as: UInt32.self))
        parentID = ImageID(bytes: fields.slice(40, 16))
        parentName = UTF16Text.read(fields.slice(64, 512), isBigEndian: true)
        locators = (0..<8).compactMap { index in
            let place = 576 + 24 * index
            guard fields.big(place, as: UInt32.self) != 0 else { return nil }
            return Locator(
                code: String(decoding: fields.slice(place, 4), as: UTF8.self), offset: fields.big(place + 16),
                length: fields.big(place + 8))
        }
        guard VHDLayout.blockSizes.contains(blockSize), blockSize & (blockSize - 1) == 0 else {
            throw EngineError(.corrupt, "\(what): blocks of \(blockSize) bytes cannot be")
        }
    }

    /// A new one of a disk without a parent.
    init(size: UInt64, blockSize: UInt64) {
        tableOffset = VHDLayout.tableOffset
        tableEntries = UInt32((size + blockSize - 1) / blockSize)
        self.blockSize = blockSize
        parentID = ImageID(bytes: [UInt8](repeating: 0, count: 16))
        parentName = ""
        locators = []
    }

    static func hasCookie(_ fields: ImageFields) -> Bool { fields.has(VHDLayout.headerCookie, at: 0) }

    static func hasChecksum(_ fields: ImageFields) -> Bool {
        fields.big(checksumField) == VHDLayout.checksum(fields.bytes, fieldAt: checksumField)
    }

    /// The 1,024 bytes, for a disk without a parent.
    var bytes: [UInt8] {
        var fields = ImageFields(count: VHDLayout.headerSize)
        fields.set(VHDLayout.headerCookie, at: 0)
        fields.setBig(UInt64.max, at: 8)
        fields.setBig(tableOffset, at: 16)
        fields.setBig(VHDLayout.version, at: 24)
        fields.setBig(tableEntries, at: 28)
        fields.setBig(UInt32(blockSize), at: 32)
        fields.setBig(VHDLayout.checksum(fields.bytes, fieldAt: Self.checksumField), at: Self.checksumField)
        return fields.bytes
    }
}
