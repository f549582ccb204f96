import Engine
import Synchronization

/// Grain tables of one size, read as they are asked for: the memory is bounded whatever the directory claims.
final class VMDKTableCache: Sendable {
    private let storage: any ImageStorage
    private let tableSize: Int
    private let limit: Int
    private let tables = Mutex<[UInt64: ImageFields]>([:])

    private static let mostBytes = 4 << 20

    init(_ storage: any ImageStorage, tableSize: UInt64) {
        self.storage = storage
        self.tableSize = Int(tableSize)
        limit = Self.mostBytes / Int(tableSize)
    }

    /// The table that begins at `offset`.
    /// - Throws: `.corrupt` when the file ends before.
    func table(at offset: UInt64) async throws(EngineError) -> ImageFields {
        if let table = tables.withLock({ $0[offset] }) { return table }
        let table = try await storage.fields(at: offset, count: tableSize, what: "a grain table")
        tables.withLock { tables in
            if tables.count >= limit { tables.removeAll(keepingCapacity: true) }
            tables[offset] = table
        }
        return table
    }
}
