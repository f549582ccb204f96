import Engine

/// The header of a snapshot's data on VMFS 6: extents of the kind `SESPARSE`. The format is not published: what is not
/// as known files have it is refused.
struct SESparseHeader: Sendable, Equatable {
    /// Sectors of the disk.
    let capacity: UInt64
    /// All in sectors.
    let volatileHeader: UInt64
    let directory: UInt64
    let directorySectors: UInt64
    let tables: UInt64
    let grains: UInt64

    static let magic: UInt64 = 0xCAFE_BABE
    static let volatileMagic: UInt64 = 0xCAFE_CAFE
    static let version: UInt64 = 0x2_0000_0001
    static let grainSectors: UInt64 = 8
    static let tableSectors: UInt64 = 64
    static let tableEntries: UInt64 = tableSectors * VMDKLayout.sector / 8

    var size: UInt64 { capacity * VMDKLayout.sector }
    /// Entries that the grain directory must have.
    var tableCount: UInt64 {
        let reach = Self.grainSectors * Self.tableEntries
        return (capacity + reach - 1) / reach
    }

    static func isOne(_ fields: ImageFields) -> Bool { fields.little(0) == magic }

    /// - Throws: `.corrupt`, `.unsupported`, saying what is wrong.
    init(_ fields: ImageFields, what: String) throws(EngineError) {
        guard Self.isOne(fields) else { throw EngineError(.corrupt, "\(what) has no signature") }
        capacity = fields.little(16)
        volatileHeader = fields.little(80)
        directory = fields.little(128)
        directorySectors = fields.little(136)
        tables = fields.little(144)
        grains = fields.little(192)
        let (version, grain, table): (UInt64, UInt64, UInt64) = (fields.little(8), fields.little(24), fields.little(32))
        guard version == Self.version, grain == Self.grainSectors, table == Self.tableSectors,
            fields.little(40, as: UInt64.self) == 0
        else {
            throw EngineError(
                .unsupported,
                "\(what): version \(version), grains of \(grain) and tables of \(table) sectors are not supported")
        }
        let most = VMDKLayout.mostBytes / VMDKLayout.sector
        guard [capacity, volatileHeader, directory, directorySectors, tables, grains].allSatisfy({ $0 <= most }) else {
            throw EngineError(.corrupt, "\(what): a place or a size is larger than any file")
        }
        guard directorySectors * VMDKLayout.sector / 8 >= tableCount else {
            throw EngineError(.corrupt, "\(what): the grain directory is too short for \(tableCount) tables")
        }
    }

    /// Looks at the part of the header that changes while a disk is in use.
    /// - Throws: `.corrupt`; `.unsupported` for a disk that was not closed.
    static func checkVolatile(_ fields: ImageFields, what: String) throws(EngineError) {
        guard fields.little(0) == volatileMagic else {
            throw EngineError(.corrupt, "\(what): the second header has no signature")
        }
        guard fields.little(24, as: UInt64.self) == 0 else {
            throw EngineError(
                .unsupported, "\(what) was not closed, and its journal cannot be replayed: open it with ESXi first")
        }
    }
}
