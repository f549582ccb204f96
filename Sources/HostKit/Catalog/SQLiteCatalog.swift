import Engine
import GRDB
import Glibc
import Synchronization

/// The catalog in a SQLite file of this machine.
///
/// Crash story: SQLite's journal brings the file back to its last transaction. A file that is damaged all the same, or
/// that another version wrote, is moved away and begun anew: it is a cache, and fills itself from the repositories.
final class SQLiteCatalog: Catalog {
    private let file: CatalogFile
    private let warn: @Sendable (String) -> Void
    private let state: Mutex<State>

    private struct State {
        var database: DatabaseQueue
        var generation = 0
    }

    /// Opens the catalog at `path`, whose folder must be there. Where no file can be, it is kept in memory.
    /// - Parameter warn: is told when the file had to be given up.
    init(path: String, warn: @escaping @Sendable (String) -> Void) throws(EngineError) {
        file = CatalogFile(path: path)
        self.warn = warn
        state = Mutex(State(database: try file.open(warn)))
    }

    /// Counts how often the catalog was begun anew. When it grows while points are read, they must be read again.
    var generation: Int { state.withLock { $0.generation } }

    func knownPoints(repository: String) async throws(EngineError) -> Set<RestorePointID> {
        let ids = try await perform { database in
            try String.fetchAll(
                database, sql: "SELECT id FROM restorePoint WHERE repository = ?", arguments: [repository])
        }
        return Set(ids.compactMap { try? RestorePointID($0) })
    }

    func keep(_ points: [PointOverview], repository: String) async throws(EngineError) {
        guard !points.isEmpty else { return }
        let rows = points.map { StatementArguments([repository] + PointRow.values($0)) }
        try await perform { database in
            let statement = try database.makeStatement(sql: CatalogSchema.insert)
            for row in rows { try statement.execute(arguments: row) }
        }
    }

    func forget(_ points: Set<RestorePointID>, repository: String) async throws(EngineError) {
        try await perform { database in
            let statement = try database.makeStatement(
                sql: "DELETE FROM restorePoint WHERE repository = ? AND id = ?")
            for point in points { try statement.execute(arguments: [repository, point.text]) }
        }
    }

    func points(repository: String, vm: String?) async throws(EngineError) -> [PointOverview] {
        try await perform { database in
            let rows = try Row.fetchCursor(
                database, sql: CatalogSchema.select, arguments: ["repository": repository, "vm": vm])
            var points: [PointOverview] = []
            while let row = try rows.next() { points.append(try PointRow.point(row)) }
            return points
        }
    }

    /// Forgets everything about a repository.
    func forgetAll(repository: String) async throws(EngineError) {
        try await perform { database in
            try database.execute(sql: "DELETE FROM restorePoint WHERE repository = ?", arguments: [repository])
        }
    }

    /// Runs one transaction; when the file turns out to be damaged, again on a new one.
    private func perform<R: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> R
    ) async throws(EngineError) -> R {
        let (database, generation) = state.withLock { ($0.database, $0.generation) }
        do {
            do {
                return try await database.write(body)
            } catch let error as DatabaseError where CatalogFile.isDamage(error) {
                try beginAnew(after: generation, because: error)
                return try await state.withLock(\.database).write(body)
            }
        } catch let error as DatabaseError {
            throw EngineError(
                .failed,
                "the catalog \(file.path) cannot be used: \(error.message ?? "no reason given"); "
                    + "it is only a cache: move it away and run again")
        } catch {
            throw EngineError(error)
        }
    }

    private func beginAnew(after generation: Int, because error: DatabaseError) throws(EngineError) {
        try state.withLock { state throws(EngineError) in
            guard state.generation == generation else { return }
            try? state.database.close()
            state.database = try file.replace(because: error.message ?? "it is damaged", warn)
            state.generation += 1
        }
    }
}
