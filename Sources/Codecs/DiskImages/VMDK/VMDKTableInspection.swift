import Engine

/// Looks at every entry of the grain tables of a sparse extent that is not a stream.
final class VMDKTableInspection {
    /// What the header says of the tables.
    struct Shape {
        let tableCount: UInt64
        let tableEntries: UInt64
        let grainSectors: UInt64
        /// Sectors of the disk.
        let capacity: UInt64
        /// Sectors of the directories.
        let directory: UInt64
        let redundantDirectory: UInt64?
        /// Sectors before the first grain.
        let overhead: UInt64
        let hasZeroedGrains: Bool
    }

    private let storage: any ImageStorage
    private let shape: Shape
    private let findings: VMDKFindings
    private var grains: VMDKGrainSet
    /// Sectors of the tables that were looked at.
    private var tables: Set<UInt32> = []

    init(_ storage: any ImageStorage, _ shape: Shape, _ findings: VMDKFindings) {
        self.storage = storage
        self.shape = shape
        self.findings = findings
        grains = VMDKGrainSet(grainSectors: shape.grainSectors, fileSize: storage.size)
    }

    func run() async throws(EngineError) {
        guard let directory = try directory(shape.directory, "the grain directory") else { return }
        let redundant =
            try shape.redundantDirectory.flatMap { sector throws(EngineError) in
                try self.directory(sector, "the redundant grain directory")
            }
        for number in 0..<shape.tableCount {
            let table = try await directory.little32(number)
            let other = try await redundant?.little32(number)
            try await look(at: number, table, other)
        }
        for sector in grains.overlaps() {
            findings.error(at: UInt64(sector) * VMDKLayout.sector, "the grain at sector \(sector) overlaps another one")
        }
    }

    private func directory(_ sector: UInt64, _ what: String) throws(EngineError) -> TablePages? {
        let size = shape.tableCount * 4
        guard sector > 0, sector <= storage.size / VMDKLayout.sector,
            size <= storage.size - sector * VMDKLayout.sector
        else {
            findings.error(at: 56, "\(what) at sector \(sector) does not lie within the file")
            return nil
        }
        return try TablePages(
            storage, at: ByteRange(start: sector * VMDKLayout.sector, count: size), what: what)
    }

    private func look(at number: UInt64, _ table: UInt32, _ other: UInt32?) async throws(EngineError) {
        let place = shape.directory * VMDKLayout.sector + number * 4
        if let other, (other == 0) != (table == 0) {
            findings.error(at: place, "only one of both grain directories has table \(number)")
        }
        guard table > 0, let fields = try await load(table, number, entryAt: place) else { return }
        try await compare(fields, other, number)
        for index in 0..<Int(shape.tableEntries) {
            let entry: UInt32 = fields.little(index * 4)
            guard entry > 0 else { continue }
            let grain = number * shape.tableEntries + UInt64(index)
            look(at: grain, entry, entryAt: UInt64(table) * VMDKLayout.sector + UInt64(index) * 4)
        }
    }

    private func load(
        _ table: UInt32, _ number: UInt64, entryAt place: UInt64
    ) async throws(EngineError) -> ImageFields? {
        guard tables.insert(table).inserted else {
            findings.error(at: place, "table \(number) at sector \(table) is another one's too")
            return nil
        }
        let start = UInt64(table) * VMDKLayout.sector
        guard start + shape.tableEntries * 4 <= storage.size else {
            findings.error(at: place, "table \(number) at sector \(table) ends behind the file's end")
            return nil
        }
        return try await storage.fields(at: start, count: Int(shape.tableEntries) * 4, what: "a grain table")
    }

    private func compare(_ fields: ImageFields, _ other: UInt32?, _ number: UInt64) async throws(EngineError) {
        guard let other, other > 0 else { return }
        let start = UInt64(other) * VMDKLayout.sector
        guard start + shape.tableEntries * 4 <= storage.size else {
            let place = (shape.redundantDirectory ?? 0) * VMDKLayout.sector + number * 4
            return findings.error(at: place, "the redundant table \(number) ends behind the file's end")
        }
        let copy = try await storage.fields(
            at: start, count: Int(shape.tableEntries) * 4, what: "a redundant grain table")
        guard copy != fields else { return }
        for index in 0..<Int(shape.tableEntries) {
            let (one, two): (UInt32, UInt32) = (fields.little(index * 4), copy.little(index * 4))
            guard one != two else { continue }
            let grain = number * shape.tableEntries + UInt64(index)
            findings.error(
                at: start + UInt64(index) * 4,
                "grain \(grain) is at sector \(one) by its table, and at \(two) by the redundant one")
        }
    }

    private func look(at grain: UInt64, _ entry: UInt32, entryAt place: UInt64) {
        if entry == VMDKGrainTables.zeroedEntry, shape.hasZeroedGrains { return }
        let first = grain * shape.grainSectors
        guard first < shape.capacity else {
            return findings.warning(at: place, "grain \(grain) lies behind the disk's end")
        }
        guard UInt64(entry) >= shape.overhead else {
            return findings.error(at: place, "grain \(grain) at sector \(entry) lies over the tables")
        }
        let fileSectors = storage.size / VMDKLayout.sector
        let end = UInt64(entry) + shape.grainSectors
        if end > fileSectors {
            let needed = UInt64(entry) + min(shape.grainSectors, shape.capacity - first)
            guard needed > fileSectors else {
                return findings.warning(
                    at: place, "grain \(grain), the last one, is not whole in the file: 7-Zip may refuse it")
            }
            return findings.error(
                at: place, "grain \(grain) at sector \(entry) ends behind the file's end: the file is cut off")
        }
        if !grains.insert(entry) {
            findings.error(at: place, "grain \(grain) at sector \(entry) overlaps another one")
        }
    }
}
