import Engine

/// The header of a snapshot's data on VMFS before version 6: extents of the kind `VMFSSPARSE`.
struct COWDHeader: Sendable, Equatable {
    /// Sectors of the disk.
    let capacity: UInt64
    /// Sectors.
    let grainSectors: UInt64
    /// Sector of the grain directory.
    let directory: UInt64
    /// Entries that the grain directory has.
    let directoryEntries: UInt64

    static let tableEntries: UInt64 = 4096

    var size: UInt64 { capacity * VMDKLayout.sector }
    var grainSize: UInt64 { grainSectors * VMDKLayout.sector }
    /// Entries that the grain directory must have.
    var tableCount: UInt64 {
        let reach = grainSectors * Self.tableEntries
        return (capacity + reach - 1) / reach
    }

    /// - Throws: `.corrupt`, `.unsupported`, saying what is wrong.
    init(_ fields: ImageFields, what: String) throws(EngineError) {
        guard fields.has(VMDKLayout.cowdMagic, at: 0) else {
            throw EngineError(.corrupt, "\(what) has no signature `COWD`")
        }
        let version: UInt32 = fields.little(4)
        guard version == 1 else {
            throw EngineError(.unsupported, "\(what) is of version \(version), which is not supported")
        }
        capacity = UInt64(fields.little(12, as: UInt32.self))
        grainSectors = UInt64(fields.little(16, as: UInt32.self))
        directory = UInt64(fields.little(20, as: UInt32.self))
        directoryEntries = UInt64(fields.little(24, as: UInt32.self))
        guard VMDKLayout.grainSectors.contains(grainSectors), grainSectors & (grainSectors - 1) == 0 else {
            throw EngineError(.unsupported, "\(what): grains of \(grainSectors) sectors are not supported")
        }
        guard directoryEntries >= tableCount else {
            throw EngineError(
                .corrupt, "\(what): \(directoryEntries) tables are too few, \(tableCount) are needed")
        }
    }
}
