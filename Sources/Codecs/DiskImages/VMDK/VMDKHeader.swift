import Engine

/// The header of a sparse extent, or the footer of a stream.
struct VMDKHeader: Sendable, Equatable {
    enum Compression: UInt16 {
        case none = 0
        case deflate = 1
    }

    struct Flags: OptionSet, Sendable {
        let rawValue: UInt32

        /// Four bytes tell whether the file was changed as if it were text.
        static let newlineTest = Flags(rawValue: 1)
        static let redundantTables = Flags(rawValue: 2)
        /// The entry 1 of a grain table stands for zeros.
        static let zeroedGrains = Flags(rawValue: 4)
        static let compressed = Flags(rawValue: 0x10000)
        static let markers = Flags(rawValue: 0x20000)
        static let known: Flags = [.newlineTest, .redundantTables, .zeroedGrains, .compressed, .markers]
    }

    var version: UInt32
    var flags: Flags
    /// Sectors of the disk.
    var capacity: UInt64
    /// Sectors.
    var grainSectors: UInt64
    /// Sectors; both are 0 where there is no descriptor.
    var descriptorOffset: UInt64
    var descriptorSectors: UInt64
    var tableEntries: UInt32
    /// Sector of the second grain directory.
    var redundantDirectory: UInt64
    /// Sector of the grain directory; `VMDKLayout.directoryInFooter` where the footer tells it.
    var directory: UInt64
    /// Sectors before the first grain.
    var overhead: UInt64
    var isUnclean: Bool
    var compression: Compression

    static let newlines: [UInt8] = [0x0A, 0x20, 0x0D, 0x0A]
    static let newlineField = 73

    var isStream: Bool { compression == .deflate }
    var grainSize: UInt64 { grainSectors * VMDKLayout.sector }
    /// Bytes.
    var size: UInt64 { capacity * VMDKLayout.sector }
    var grainCount: UInt64 { (capacity + grainSectors - 1) / grainSectors }
    /// Entries of the grain directory.
    var tableCount: UInt64 { (grainCount + UInt64(tableEntries) - 1) / UInt64(tableEntries) }

    /// - Throws: `.corrupt`, `.unsupported`, saying what is wrong.
    init(_ fields: ImageFields, what: String) throws(EngineError) {
        guard fields.has(VMDKLayout.sparseMagic, at: 0) else {
            throw EngineError(.corrupt, "\(what) has no signature `KDMV`")
        }
        version = fields.little(4)
        guard (1...3).contains(version) else {
            throw EngineError(.unsupported, "\(what) is of version \(version), which is not supported")
        }
        flags = Flags(rawValue: fields.little(8))
        capacity = fields.little(12)
        grainSectors = fields.little(20)
        descriptorOffset = fields.little(28)
        descriptorSectors = fields.little(36)
        tableEntries = fields.little(44)
        redundantDirectory = fields.little(48)
        directory = fields.little(56)
        overhead = fields.little(64)
        isUnclean = fields.byte(72) != 0
        let method: UInt16 = fields.little(77)
        guard let compression = Compression(rawValue: method) else {
            throw EngineError(.unsupported, "\(what) names the compression \(method), which is not supported")
        }
        self.compression = compression
        try check(what)
    }

    private func check(_ what: String) throws(EngineError) {
        guard capacity <= VMDKLayout.mostBytes / VMDKLayout.sector else {
            throw EngineError(.corrupt, "\(what) claims a disk of \(capacity) sectors")
        }
        guard
            capacity == 0 || (VMDKLayout.grainSectors.contains(grainSectors) && grainSectors & (grainSectors - 1) == 0)
        else { throw EngineError(.unsupported, "\(what): grains of \(grainSectors) sectors are not supported") }
        guard capacity == 0 || UInt64(tableEntries) == VMDKLayout.tableEntries else {
            throw EngineError(.unsupported, "\(what): grain tables of \(tableEntries) entries are not supported")
        }
        guard !isStream || flags.contains(.markers) || capacity == 0 else {
            throw EngineError(.unsupported, "\(what): compressed grains without markers are not supported")
        }
    }

    /// A file may hold nothing but a descriptor; whoever looks for grains in it asks this first.
    /// - Throws: `.corrupt` when it has no part of the disk: the size of its grains may be anything then.
    func checkHoldsGrains(_ what: String) throws(EngineError) {
        guard capacity > 0 else { throw EngineError(.corrupt, "\(what) says that the file holds no sectors") }
    }

    /// A new one, for `capacity` sectors, without places of tables.
    init(capacity: UInt64, isStream: Bool) {
        version = isStream ? 3 : 1
        flags = isStream ? [.newlineTest, .compressed, .markers] : [.newlineTest, .redundantTables]
        self.capacity = capacity
        grainSectors = VMDKLayout.grainSize / VMDKLayout.sector
        descriptorOffset = 0
        descriptorSectors = 0
        tableEntries = UInt32(VMDKLayout.tableEntries)
        redundantDirectory = 0
        directory = VMDKLayout.directoryInFooter
        overhead = VMDKLayout.alignment / VMDKLayout.sector
        isUnclean = false
        compression = isStream ? .deflate : .none
    }

    /// The 512 bytes.
    var bytes: [UInt8] {
        var fields = ImageFields(count: VMDKLayout.headerSize)
        fields.set(VMDKLayout.sparseMagic, at: 0)
        fields.setLittle(version, at: 4)
        fields.setLittle(flags.rawValue, at: 8)
        fields.setLittle(capacity, at: 12)
        fields.setLittle(grainSectors, at: 20)
        fields.setLittle(descriptorOffset, at: 28)
        fields.setLittle(descriptorSectors, at: 36)
        fields.setLittle(tableEntries, at: 44)
        fields.setLittle(redundantDirectory, at: 48)
        fields.setLittle(directory, at: 56)
        fields.setLittle(overhead, at: 64)
        fields.set([isUnclean ? 1 : 0], at: 72)
        fields.set(Self.newlines, at: Self.newlineField)
        fields.setLittle(compression.rawValue, at: 77)
        return fields.bytes
    }
}
