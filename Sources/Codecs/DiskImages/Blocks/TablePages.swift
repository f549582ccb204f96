import Engine
import Synchronization

/// A table of an image, read by pages as its entries are asked for: the memory is bounded whatever the table claims.
final class TablePages: Sendable {
    private let storage: any ImageStorage
    private let place: ByteRange
    private let what: String
    private let pages = Mutex<[UInt64: ImageFields]>([:])

    private static let pageSize: UInt64 = 64 << 10
    private static let limit = 64

    /// - Parameter place: where the table is in the file.
    /// - Throws: `.corrupt` when the file ends before.
    init(_ storage: any ImageStorage, at place: ByteRange, what: String) throws(EngineError) {
        guard place.end <= storage.size else {
            throw EngineError(
                .corrupt,
                "\(storage.name): \(what) should end at \(place.end), but the file ends at \(storage.size): it is "
                    + "damaged or cut off")
        }
        self.storage = storage
        self.place = place
        self.what = what
    }

    func big32(_ index: UInt64) async throws(EngineError) -> UInt32 {
        let (page, offset) = try await page(of: index * 4)
        return page.big(offset)
    }

    func little32(_ index: UInt64) async throws(EngineError) -> UInt32 {
        let (page, offset) = try await page(of: index * 4)
        return page.little(offset)
    }

    func little64(_ index: UInt64) async throws(EngineError) -> UInt64 {
        let (page, offset) = try await page(of: index * 8)
        return page.little(offset)
    }

    private func page(of offset: UInt64) async throws(EngineError) -> (ImageFields, Int) {
        guard offset < place.count else { throw EngineError(.corrupt, "\(storage.name): \(what) is too short") }
        let number = offset / Self.pageSize
        if let page = pages.withLock({ $0[number] }) { return (page, Int(offset % Self.pageSize)) }
        let start = place.start + number * Self.pageSize
        let page = try await storage.fields(
            at: start, count: Int(min(Self.pageSize, place.end - start)), what: what)
        pages.withLock { pages in
            if pages.count >= Self.limit { pages.removeAll(keepingCapacity: true) }
            pages[number] = page
        }
        return (page, Int(offset % Self.pageSize))
    }
}
