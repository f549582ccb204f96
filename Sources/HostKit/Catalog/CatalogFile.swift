import Engine
import GRDB
import Glibc

/// The catalog's file: made so that only its owner can read it, and moved away when it is damaged.
struct CatalogFile: Sendable {
    let path: String

    /// Opens it, anew if need be.
    func open(_ warn: (String) -> Void) throws(EngineError) -> DatabaseQueue {
        do {
            return try connect()
        } catch let error as DatabaseError where Self.isDamage(error) {
            return try replace(because: error.message ?? "it is damaged", warn)
        } catch {
            return try inMemory(because: "\(error)", warn)
        }
    }

    /// Moves the file away and begins a new one.
    func replace(because reason: String, _ warn: (String) -> Void) throws(EngineError) -> DatabaseQueue {
        let away = "\(path).damaged-\(Timestamp.now().compact)"
        let isMoved = rename(path, away) == 0
        for suffix in ["-journal", "-wal", "-shm"] { unlink(path + suffix) }
        warn(
            "the catalog \(path) is unusable (\(reason)); it is rebuilt from the repositories"
                + (isMoved ? ", the old file is \(away)" : ""))
        do {
            return try connect()
        } catch {
            return try inMemory(because: "\(error)", warn)
        }
    }

    private func connect() throws -> DatabaseQueue {
        let descriptor = Glibc.open(path, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw EngineError.system("open the catalog", path) }
        fchmod(descriptor, 0o600)
        close(descriptor)
        var configuration = Configuration()
        configuration.busyMode = .timeout(20)
        configuration.label = "catalog"
        let database = try DatabaseQueue(path: path, configuration: configuration)
        try database.write(CatalogSchema.prepare)
        return database
    }

    private func inMemory(because reason: String, _ warn: (String) -> Void) throws(EngineError) -> DatabaseQueue {
        warn("no catalog at \(path) (\(reason)); restore points are read from the repositories every time")
        do {
            let database = try DatabaseQueue()
            try database.write(CatalogSchema.prepare)
            return database
        } catch {
            throw EngineError(.failed, "SQLite cannot be used: \(error)")
        }
    }

    static func isDamage(_ error: DatabaseError) -> Bool {
        [.SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT].contains(error.resultCode)
            || error.resultCode == .SQLITE_ERROR && error.message?.contains("no such") == true
    }
}
