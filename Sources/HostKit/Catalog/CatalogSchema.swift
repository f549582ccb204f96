import GRDB

/// The catalog's tables. Another version of them is a reason to begin anew, never to convert.
enum CatalogSchema {
    static let version = 3

    /// Restore point ids sort by time.
    static let select = """
        SELECT \(PointRow.columns.joined(separator: ", ")) FROM restorePoint
        WHERE repository = :repository AND (:vm IS NULL OR vmID = :vm OR vmName = :vm) ORDER BY id
        """

    static let insert = """
        INSERT OR REPLACE INTO restorePoint (repository, \(PointRow.columns.joined(separator: ", ")))
        VALUES (?\(String(repeating: ", ?", count: PointRow.columns.count)))
        """

    /// Makes the tables in an empty file.
    /// - Throws: `SQLITE_CORRUPT` for a file with other tables.
    static func prepare(_ database: Database) throws {
        switch try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0 {
        case version: return
        case 0:
            guard try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") == 0 else {
                throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "another program wrote it")
            }
            try create(database)
        case let other: throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "version \(other) wrote it")
        }
    }

    private static func create(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE restorePoint (
                    repository TEXT NOT NULL, id TEXT NOT NULL, key TEXT NOT NULL, manifestSize INTEGER NOT NULL,
                    created INTEGER NOT NULL,
                    vmID TEXT NOT NULL, vmName TEXT NOT NULL, clusterID TEXT NOT NULL, clusterName TEXT NOT NULL,
                    source TEXT NOT NULL, job TEXT, keep TEXT, kind TEXT NOT NULL,
                    asked TEXT NOT NULL, got TEXT NOT NULL, disks INTEGER NOT NULL, usedBytes INTEGER NOT NULL,
                    size INTEGER NOT NULL, read INTEGER NOT NULL, changed INTEGER NOT NULL, new INTEGER NOT NULL,
                    stored INTEGER NOT NULL, seconds REAL NOT NULL, sequence INTEGER NOT NULL,
                    PRIMARY KEY (repository, id)
                ) WITHOUT ROWID;
                PRAGMA user_version = \(version);
                """)
    }
}
