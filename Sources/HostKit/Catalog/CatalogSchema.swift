import GRDB

/// The catalog's tables. Another version of them is a reason to begin anew, never to convert.
enum CatalogSchema {
    static let version = 1

    static let insert = """
        INSERT OR REPLACE INTO restorePoint (repository, id, vmID, vmName, manifest) VALUES (?, ?, ?, ?, ?)
        """

    /// Restore point ids sort by time.
    static let select = """
        SELECT manifest FROM restorePoint
        WHERE repository = :repository AND (:vm IS NULL OR vmID = :vm OR vmName = :vm) ORDER BY id
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
                    repository TEXT NOT NULL,
                    id TEXT NOT NULL,
                    vmID TEXT NOT NULL,
                    vmName TEXT NOT NULL,
                    manifest BLOB NOT NULL,
                    PRIMARY KEY (repository, id)
                );
                PRAGMA user_version = \(version);
                """)
    }
}
