import Engine

/// One of the two headers: the newer valid one counts.
struct VHDXHeader: Sendable, Equatable {
    var sequence: UInt64
    var fileWriteID: ImageID
    /// Changes when the disk's contents do; a child knows its parent by it.
    var dataWriteID: ImageID
    /// Zero when the log is empty.
    var logID: ImageID
    var log: ByteRange

    private static let checksumField = 4
    private static let signature = "head"

    /// - Throws: `.corrupt` saying what is wrong; `.unsupported` for another version.
    init(_ fields: ImageFields, what: String) throws(EngineError) {
        guard fields.has(Self.signature, at: 0) else { throw EngineError(.corrupt, "\(what) has no signature `head`") }
        guard fields.little(Self.checksumField) == CRC32C.of(fields.bytes, fieldAt: Self.checksumField) else {
            throw EngineError(.corrupt, "\(what) has a wrong checksum")
        }
        let version: UInt16 = fields.little(66)
        guard version == 1 else { throw EngineError(.unsupported, "\(what) is of version \(version), not 1") }
        sequence = fields.little(8)
        fileWriteID = ImageID(microsoft: fields.slice(16, 16))
        dataWriteID = ImageID(microsoft: fields.slice(32, 16))
        logID = ImageID(microsoft: fields.slice(48, 16))
        let logVersion: UInt16 = fields.little(64)
        guard logVersion == 0 || logID.isZero else {
            throw EngineError(.unsupported, "\(what): a log of version \(logVersion) is not supported")
        }
        let offset: UInt64 = fields.little(72)
        let length: UInt32 = fields.little(68)
        guard offset <= .max - UInt64(length) else { throw EngineError(.corrupt, "\(what): no log at \(offset)") }
        log = ByteRange(start: offset, count: UInt64(length))
    }

    /// A new one, with an empty log.
    init(sequence: UInt64, id: ImageID) {
        self.sequence = sequence
        fileWriteID = id.derived(for: "file write")
        dataWriteID = id.derived(for: "data write")
        logID = ImageID(bytes: [UInt8](repeating: 0, count: 16))
        log = VHDXLayout.log
    }

    /// The 4,096 bytes.
    var bytes: [UInt8] {
        var fields = ImageFields(count: VHDXLayout.headerSize)
        fields.set(Self.signature, at: 0)
        fields.setLittle(sequence, at: 8)
        fields.set(fileWriteID.microsoft, at: 16)
        fields.set(dataWriteID.microsoft, at: 32)
        fields.set(logID.microsoft, at: 48)
        fields.setLittle(UInt16(1), at: 66)
        fields.setLittle(UInt32(log.count), at: 68)
        fields.setLittle(log.start, at: 72)
        fields.setLittle(CRC32C.of(fields.bytes, fieldAt: Self.checksumField), at: Self.checksumField)
        return fields.bytes
    }
}
