import Engine
import Synchronization

/// Tables anywhere in a file, read by pages as their entries are asked for: the memory is bounded whatever they claim.
final class QCOW2Pages: Sendable {
    private let storage: any ImageStorage
    private let pages = Mutex<[UInt64: ImageFields]>([:])

    private static let pageSize: UInt64 = 32 << 10
    private static let limit = 128

    init(_ storage: any ImageStorage) { self.storage = storage }

    /// The number of 8 bytes at `offset`, a multiple of 8.
    /// - Throws: `.corrupt` when the file ends before.
    func big64(at offset: UInt64, what: String) async throws(EngineError) -> UInt64 {
        try await page(of: offset, what: what).big(Int(offset % Self.pageSize))
    }

    private func page(of offset: UInt64, what: String) async throws(EngineError) -> ImageFields {
        guard offset < storage.size, storage.size - offset >= 8 else {
            throw EngineError(
                .corrupt,
                "\(storage.name): \(what) should be at \(offset), but the file ends at \(storage.size): it is damaged "
                    + "or cut off")
        }
        let number = offset / Self.pageSize
        if let page = pages.withLock({ $0[number] }) { return page }
        let start = number * Self.pageSize
        let page = try await storage.fields(
            at: start, count: Int(min(Self.pageSize, storage.size - start)), what: what)
        pages.withLock { pages in
            if pages.count >= Self.limit { pages.removeAll(keepingCapacity: true) }
            pages[number] = page
        }
        return page
    }
}
