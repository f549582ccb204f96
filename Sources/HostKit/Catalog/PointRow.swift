import Engine
import GRDB

/// A restore point as a row of the catalog.
enum PointRow {
    static let columns = [
        "id", "key", "created", "vmID", "vmName", "clusterID", "clusterName", "source", "job", "keep", "kind", "asked",
        "got", "disks", "usedBytes", "size", "read", "changed", "new", "stored", "seconds", "manifestSize", "sequence",
    ]

    /// Values in the order of the columns. SQLite's numbers are signed: the same 64 bits stand for what does not fit.
    static func values(_ point: PointOverview) -> [(any DatabaseValueConvertible)?] {
        let vm = point.vm
        let statistics = point.statistics
        let bytes = [
            point.usedBytes, statistics.size, statistics.read, statistics.changed, statistics.new, statistics.stored,
        ].map { Int64(bitPattern: $0) }
        return [
            point.id.text, point.stored.key.text, point.created.milliseconds, vm.id, vm.name, vm.clusterID,
            vm.clusterName, point.source, point.job, point.keep.map { String(decoding: $0.text, as: UTF8.self) },
            point.kind.rawValue, point.consistency.asked.rawValue, point.consistency.got.rawValue, point.disks,
        ] + bytes + [statistics.seconds, point.stored.size, point.sequence]
    }

    /// - Throws: `SQLITE_CORRUPT` when the row is none that this program wrote.
    static func point(_ row: Row) throws -> PointOverview {
        guard let id = try? RestorePointID(text(row, 0)), let key = try? ObjectKey(text(row, 1)),
            let kind = PointOverview.Kind(rawValue: try text(row, 10)),
            let asked = Consistency(rawValue: try text(row, 11)), let got = Consistency(rawValue: try text(row, 12))
        else { throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a row holds no restore point") }
        let keep: String? = row[9]
        return PointOverview(
            stored: StoredPoint(id: id, key: key, size: Int(clamping: try number(row, 21))),
            created: Timestamp(milliseconds: try number(row, 2)), sequence: Int(clamping: try number(row, 22)),
            vm: Manifest.VM(
                id: try text(row, 3), name: try text(row, 4), clusterID: try text(row, 5),
                clusterName: try text(row, 6)),
            source: try text(row, 7), job: row[8], keep: keep.flatMap { try? JSONValue(parsing: Array($0.utf8)) },
            kind: kind, consistency: Manifest.ConsistencyRecord(asked: asked, got: got),
            disks: Int(clamping: try number(row, 13)), usedBytes: try bytes(row, 14),
            statistics: try statistics(row))
    }

    private static func statistics(_ row: Row) throws -> Manifest.Statistics {
        var statistics = Manifest.Statistics()
        statistics.size = try bytes(row, 15)
        statistics.read = try bytes(row, 16)
        statistics.changed = try bytes(row, 17)
        statistics.new = try bytes(row, 18)
        statistics.stored = try bytes(row, 19)
        statistics.seconds = Double.fromDatabaseValue(row[20]) ?? 0
        return statistics
    }

    private static func text(_ row: Row, _ column: Int) throws -> String {
        try value(String.fromDatabaseValue(row[column]))
    }

    private static func number(_ row: Row, _ column: Int) throws -> Int64 {
        try value(Int64.fromDatabaseValue(row[column]))
    }

    private static func bytes(_ row: Row, _ column: Int) throws -> UInt64 {
        UInt64(bitPattern: try number(row, column))
    }

    private static func value<Value>(_ found: Value?) throws -> Value {
        guard let found else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a row holds no restore point")
        }
        return found
    }
}
