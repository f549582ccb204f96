import Glibc
import Testing

@testable import PrismSimulator

@Suite("Region scans")
struct RegionScanTests {
    private let block = 65536

    /// A disk file with data at some places.
    private func disk(_ folder: TestFolder, _ name: String, size: Int, _ writes: [(Int, [UInt8])]) throws -> String {
        let path = folder.path + "/" + name
        let file = try DiskFile(path, flags: O_RDWR | O_CREAT | O_TRUNC)
        try file.truncate(to: size)
        for (offset, bytes) in writes { try file.write(bytes, at: offset) }
        return path
    }

    private func bytes(_ count: Int, _ value: UInt8 = 7) -> [UInt8] { Array(repeating: value, count: count) }

    @Test("the used map of a sparse disk is its data, aligned outwards")
    func used() throws {
        let folder = try TestFolder()
        let tera = 1 << 40
        let path = try disk(
            folder, "a", size: 3 * tera + 512, [(0, bytes(10)), (tera + 70000, bytes(1)), (3 * tera, bytes(512))])
        let found = try RegionScan(block: block).used(path)
        #expect(found.map(\.range) == [0..<65536, tera + 65536..<tera + 131_072, 3 * tera..<3 * tera + 65536])
    }

    @Test("a difference is what changed, and what became zero")
    func difference() throws {
        let folder = try TestFolder()
        let size = 10 << 20
        let old = try disk(
            folder, "old", size: size, [(0, bytes(65536)), (1 << 20, bytes(65536)), (5 << 20, bytes(100))])
        let new = try disk(folder, "new", size: size, [(0, bytes(65536)), (5 << 20, bytes(99)), (9 << 20, bytes(1))])
        let found = try RegionScan(block: block).changed(new, since: old)
        #expect(
            found == [
                Region(range: 1 << 20..<(1 << 20) + 65536, isZero: true),
                Region(range: 5 << 20..<(5 << 20) + 65536, isZero: false),
                Region(range: 9 << 20..<(9 << 20) + 65536, isZero: false),
            ])
    }

    @Test("written zeroes over a hole are no change")
    func zeroes() throws {
        let folder = try TestFolder()
        let old = try disk(folder, "old", size: 4 << 20, [])
        let new = try disk(folder, "new", size: 4 << 20, [(1 << 20, bytes(65536, 0))])
        #expect(try RegionScan(block: block).changed(new, since: old).isEmpty)
    }

    @Test("a disk that grew differs only where data is")
    func grown() throws {
        let folder = try TestFolder()
        let old = try disk(folder, "old", size: 1 << 20, [(0, bytes(512))])
        let new = try disk(folder, "new", size: (3 << 20) + 512, [(0, bytes(512)), (3 << 20, bytes(512))])
        let found = try RegionScan(block: block).changed(new, since: old)
        #expect(found.map(\.range) == [3 << 20..<(3 << 20) + 65536])
    }

    @Test("any block size finds the same bytes", arguments: [32768, 65536, 131_072, 262_144])
    func blocks(_ block: Int) throws {
        let folder = try TestFolder()
        var random = SeededGenerator(seed: 42)
        let size = 8 << 20
        var old = bytes(size, 0)
        for _ in 0..<40 { old[Int.random(in: 0..<size, using: &random)] = 1 }
        var new = old
        for _ in 0..<10 { new[Int.random(in: 0..<size, using: &random)] = 9 }
        let oldPath = try disk(folder, "old", size: size, [(0, old)])
        let newPath = try disk(folder, "new", size: size, [(0, new)])
        var expected: Set<Int> = []
        for offset in 0..<size where old[offset] != new[offset] { expected.insert(offset / block) }
        let found = try RegionScan(block: block).changed(newPath, since: oldPath)
        #expect(
            Set(
                found.flatMap {
                    stride(from: $0.range.lowerBound, to: $0.range.upperBound, by: block).map { $0 / block }
                }) == expected)
    }

    @Test("a copy of a sparse disk has its bytes and costs its data")
    func copy() async throws {
        let folder = try TestFolder()
        let store = try DiskStore(folder: folder.path + "/disks")
        let source = try disk(folder, "a", size: 1 << 40, [(1 << 39, bytes(5000))])
        #expect(try await store.create("copy", from: source) == 1 << 40)
        var status = stat()
        #expect(stat(store.path("copy"), &status) == 0)
        #expect(status.st_size == 1 << 40 && status.st_blocks * 512 < 1 << 20)
        #expect(try RegionScan(block: block).changed(store.path("copy"), since: source).isEmpty)
        #expect(try RegionScan(block: block).used(store.path("copy")).map(\.range) == [1 << 39..<(1 << 39) + 65536])
        await store.close()
    }
}
