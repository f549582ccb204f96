import Engine

/// The header of an image, checked as far as it can be by itself.
struct QCOW2Header: Sendable, Equatable {
    var version: UInt32
    var backingName = ByteRange(0, 0)
    var clusterBits: Int
    /// Bytes of the disk.
    var size: UInt64
    var encryption: UInt32 = 0
    var l1Entries: UInt64
    var l1Offset: UInt64
    var refcountTable: UInt64
    /// Clusters of the refcount table.
    var refcountTableClusters: UInt64
    var snapshots: UInt64 = 0
    var snapshotsOffset: UInt64 = 0
    var features: QCOW2Features = []
    var compatibleFeatures: UInt64 = 0
    var autoclearFeatures: UInt64 = 0
    var refcountOrder = QCOW2Layout.usualRefcountOrder
    var headerSize = QCOW2Layout.headerSize
    var compression = QCOW2Compression.zlib

    var clusterSize: UInt64 { 1 << UInt64(clusterBits) }
    var hasSubclusters: Bool { features.contains(.subclusters) }
    /// Bytes of an entry of the second level.
    var entrySize: UInt64 { hasSubclusters ? 16 : 8 }
    /// Clusters that one table of the second level stands for.
    var l2Entries: UInt64 { clusterSize / entrySize }
    /// Clusters of the disk; the last one may be cut off.
    var clusterCount: UInt64 { size / clusterSize + (size % clusterSize == 0 ? 0 : 1) }
    /// Tables of the second level that the disk needs at most.
    var neededL1Entries: UInt64 { (clusterCount + l2Entries - 1) / l2Entries }
    var l1: ByteRange { ByteRange(start: l1Offset, count: l1Entries * 8) }
    /// Clusters that one refcount block stands for.
    var refcountsInBlock: UInt64 { (clusterSize * 8) >> UInt64(refcountOrder) }

    /// The 72 or more bytes at the beginning of a file.
    /// - Throws: `.corrupt` or `.unsupported`, saying which field is why.
    init(_ fields: ImageFields) throws(EngineError) {
        guard fields.big(0) == QCOW2Layout.magic else { throw EngineError(.corrupt, "there is no signature `QFI`") }
        version = fields.big(4)
        guard version == 2 || version == 3 else {
            throw EngineError(.unsupported, "version \(version) of qcow is not supported, only 2 and 3")
        }
        clusterBits = Int(fields.big(20, as: UInt32.self))
        size = fields.big(24)
        encryption = fields.big(32)
        l1Entries = UInt64(fields.big(36, as: UInt32.self))
        l1Offset = fields.big(40)
        refcountTable = fields.big(48)
        refcountTableClusters = UInt64(fields.big(56, as: UInt32.self))
        snapshots = UInt64(fields.big(60, as: UInt32.self))
        snapshotsOffset = fields.big(64)
        headerSize = QCOW2Layout.headerSizeBefore
        if version > 2 { try takeLaterFields(fields) }
        try takeBackingName(fields)
        try checkNumbers()
    }

    private mutating func takeLaterFields(_ fields: ImageFields) throws(EngineError) {
        features = QCOW2Features(rawValue: fields.big(72))
        compatibleFeatures = fields.big(80)
        autoclearFeatures = fields.big(88)
        refcountOrder = Int(fields.big(96, as: UInt32.self))
        headerSize = Int(fields.big(100, as: UInt32.self))
        guard headerSize >= QCOW2Layout.leastHeaderSize else {
            throw EngineError(.corrupt, "the header says that it has \(headerSize) bytes, fewer than 104")
        }
        guard headerSize > QCOW2Layout.compressionTypeField else { return }
        let type = fields.byte(QCOW2Layout.compressionTypeField)
        guard let compression = QCOW2Compression(rawValue: type) else {
            throw EngineError(.unsupported, "clusters compressed by the method \(type) are not supported")
        }
        self.compression = compression
    }

    private mutating func takeBackingName(_ fields: ImageFields) throws(EngineError) {
        let offset: UInt64 = fields.big(8)
        guard offset != 0 else { return }
        let count = UInt64(fields.big(16, as: UInt32.self))
        guard count <= QCOW2Layout.longestName, QCOW2Layout.clusterBits.contains(clusterBits), offset <= clusterSize,
            count <= clusterSize - offset
        else { throw EngineError(.corrupt, "the name of the backing file does not lie within the first cluster") }
        backingName = ByteRange(start: offset, count: count)
    }

    private func checkNumbers() throws(EngineError) {
        guard QCOW2Layout.clusterBits.contains(clusterBits) else {
            throw EngineError(.corrupt, "clusters of 2^\(clusterBits) bytes are not possible, only 2^9 to 2^21")
        }
        guard headerSize <= Int(clusterSize) else {
            throw EngineError(.corrupt, "a header of \(headerSize) bytes does not lie within the first cluster")
        }
        guard !hasSubclusters || clusterBits >= QCOW2Layout.leastBitsWithSubclusters else {
            throw EngineError(.corrupt, "clusters of \(clusterSize) bytes are too small for subclusters")
        }
        guard refcountOrder <= QCOW2Layout.largestRefcountOrder else {
            throw EngineError(.corrupt, "refcounts of 2^\(refcountOrder) bits are not possible")
        }
        guard features.contains(.compressionType) == (compression != .zlib) else {
            throw EngineError(.corrupt, "the compression type \(compression) and its feature bit do not fit")
        }
        guard l1Entries * 8 <= QCOW2Layout.mostL1Bytes else {
            throw EngineError(.corrupt, "a table of \(l1Entries) entries at the first level is too large")
        }
        guard l1Entries >= neededL1Entries else {
            throw EngineError(
                .corrupt, "\(l1Entries) entries at the first level are too few: the disk needs \(neededL1Entries)")
        }
        guard l1Offset % clusterSize == 0, l1Offset & ~QCOW2Layout.offsetMask == 0 else {
            throw EngineError(.corrupt, "the table of the first level at \(l1Offset) is not on a cluster")
        }
    }

    /// A new one.
    init(size: UInt64, clusterBits: Int, compression: QCOW2Compression) {
        version = 3
        self.size = size
        self.clusterBits = clusterBits
        self.compression = compression
        features = compression == .zlib ? [] : .compressionType
        (l1Entries, l1Offset, refcountTable, refcountTableClusters) = (0, 0, 0, 0)
        l1Entries = neededL1Entries
    }

    /// The header's bytes.
    var bytes: [UInt8] {
        var fields = ImageFields(count: headerSize)
        fields.setBig(QCOW2Layout.magic, at: 0)
        fields.setBig(version, at: 4)
        fields.setBig(backingName.start, at: 8)
        fields.setBig(UInt32(backingName.count), at: 16)
        fields.setBig(UInt32(clusterBits), at: 20)
        fields.setBig(size, at: 24)
        fields.setBig(encryption, at: 32)
        fields.setBig(UInt32(l1Entries), at: 36)
        fields.setBig(l1Offset, at: 40)
        fields.setBig(refcountTable, at: 48)
        fields.setBig(UInt32(refcountTableClusters), at: 56)
        fields.setBig(UInt32(snapshots), at: 60)
        fields.setBig(snapshotsOffset, at: 64)
        fields.setBig(features.rawValue, at: 72)
        fields.setBig(compatibleFeatures, at: 80)
        fields.setBig(autoclearFeatures, at: 88)
        fields.setBig(UInt32(refcountOrder), at: 96)
        fields.setBig(UInt32(headerSize), at: 100)
        fields.set([compression.rawValue], at: QCOW2Layout.compressionTypeField)
        return fields.bytes
    }
}
