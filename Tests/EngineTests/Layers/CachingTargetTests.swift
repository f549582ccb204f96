import EngineContracts
import Glibc
import Logging
import Testing

@testable import Engine

@Suite("Copies of metadata on this machine's disk")
struct CachingTargetTests {
    private let store = MemoryStore()
    private let folder = ScratchFolder()
    private let counting: CountingTarget
    private let pack = ObjectLayout.pack(PackID(words: (1, 2)), .metadata)
    private let run: ObjectKey
    private let manifest: ObjectKey

    private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    init() async throws {
        counting = CountingTarget(MemoryTarget(store))
        run = ObjectLayout.index("0123456789abcdef")
        manifest = try ObjectKey("manifests/0123456789abcdef/20261122-183045-k3f9x2mq")
        store[ObjectLayout.configuration] = Array("config of one repository".utf8)
        try await counting.open()
    }

    private func cache(size: Int = 64 << 20, clock: ManualClock? = nil) -> ObjectCache {
        ObjectCache(folder: folder.path + "/objects", size: size, logger: Self.logger) { clock?.now ?? .now() }
    }

    /// A target that knows already which repository it is at, as one that opened it does.
    private func target(_ cache: ObjectCache? = nil) async throws -> CachingTarget {
        let target = CachingTarget(counting, cache ?? self.cache(), CacheRules())
        _ = try await target.get(ObjectLayout.configuration, limit: 1 << 20)
        counting.reset()
        return target
    }

    private func bytes(_ key: ObjectKey, _ range: Range<Int>? = nil, at target: CachingTarget) async throws -> [UInt8] {
        let output = Buffer(capacity: 32 << 20)
        try await target.get(key, range, into: output)
        return output.array
    }

    private var gets: Int { counting.tally.calls[.get, default: 0] }

    @Test("what was read once is not fetched again, in parts or whole, by this process or another")
    func readThrough() async throws {
        for key in [pack, run] { store[key] = SampleBytes.random(300_000, seed: 1) }
        let content = SampleBytes.random(300_000, seed: 1)
        let first = try await target()
        for key in [pack, run] { #expect(try await bytes(key, at: first) == content) }
        #expect(gets == 2)
        let second = try await target()
        for key in [pack, run] {
            #expect(try await second.get(key, limit: 1 << 20).array == content)
            for range in [0..<1, 65_535..<65_537, 131_072..<131_072, 299_999..<300_000, 0..<300_000] {
                #expect(try await bytes(key, range, at: second) == Array(content[range]))
            }
        }
        #expect(gets == 0)
        let error = await #expect(throws: EngineError.self) { try await bytes(pack, 0..<300_001, at: second) }
        #expect(error?.kind == .corrupt)
    }

    @Test("what is put here need not be fetched; what is deleted here is not kept")
    func putThrough() async throws {
        let target = try await target()
        let content = SampleBytes.random(100_000, seed: 2)
        try await target.put(pack, Buffer(content))
        #expect(try await bytes(pack, 5..<99_000, at: target) == Array(content[5..<99_000]))
        #expect(gets == 0)
        await #expect(throws: EngineError.self) { try await target.put(pack, Buffer([1])) }
        #expect(try await bytes(pack, at: target) == content)
        try await target.delete(pack)
        let error = await #expect(throws: EngineError.self) { try await bytes(pack, at: target) }
        #expect(error?.kind == .notFound)
        #expect(folder.files.isEmpty)
    }

    @Test("of data packs, manifests, key slots and everything that says what is true now there is no copy")
    func neverKept() async throws {
        let target = try await target()
        let others = [
            "config", "keys/0002000000000000", "sessions/x-00000000", "gc/x", "pins/x", "damage/x", "parity/ab/x",
            manifest.text, ObjectLayout.pack(PackID(words: (3, 4)), .data).text,
        ]
        for name in others {
            let key = try ObjectKey(name)
            if store[key] == nil { try await target.put(key, Buffer([1, 2, 3])) }
            _ = try await bytes(key, at: target)
            _ = try await target.get(key, limit: 1000)
        }
        #expect(gets == 2 * others.count)
        #expect(folder.files.isEmpty)
    }

    @Test("the manifest of a restore point that somebody else deleted is gone here too")
    func deletedPoint() async throws {
        let target = try await target()
        try await target.put(manifest, Buffer([1]))
        _ = try await bytes(manifest, at: target)
        store[manifest] = nil
        let error = await #expect(throws: EngineError.self) { try await bytes(manifest, at: target) }
        #expect(error?.kind == .notFound)
    }

    @Test("packs and runs that somebody else deleted may be read, but neither exist nor are listed")
    func deletedByOthers() async throws {
        let target = try await target()
        try await target.put(pack, Buffer([1, 2]))
        try await target.put(run, Buffer([3]))
        store[pack] = nil
        store[run] = nil
        #expect(try await bytes(pack, at: target) == [1, 2])
        #expect(try await target.size(of: pack) == nil)
        #expect(try await target.list(prefix: "").map(\.key) == [ObjectLayout.configuration])
        await #expect(throws: EngineError.self) { try await target.get(run, limit: 100) }
    }

    @Test("nothing is kept before the repository is known, and another one in its place has no copies of the first")
    func identity() async throws {
        store[pack] = [1, 2, 3]
        let early = CachingTarget(counting, cache(), CacheRules())
        _ = try await bytes(pack, at: early)
        #expect(folder.files.isEmpty)
        let first = try await target()
        _ = try await bytes(pack, at: first)
        #expect(folder.files.count == 1)
        store[ObjectLayout.configuration] = Array("config of another repository".utf8)
        store[pack] = [4, 5, 6]
        let second = try await target()
        #expect(try await bytes(pack, at: second) == [4, 5, 6])
    }

    @Test(
        "a damaged copy is fetched again, and never returned",
        arguments: [0, 8, 20, 31, 35, 50, 70_000, 150_000, 200_050])
    func damaged(offset: Int) async throws {
        let content = SampleBytes.random(200_000, seed: 3)
        store[pack] = content
        let target = try await target()
        _ = try await bytes(pack, at: target)
        let path = try #require(folder.files.first)
        let file = try OpenFile(path, O_RDWR)
        let byte = Buffer(capacity: 1)
        byte.markFilled(try file.read(into: byte.memory, at: UInt64(offset)))
        try file.write([byte.array[0] ^ 0x10].span.bytes, at: UInt64(offset))
        #expect(try await bytes(pack, at: target) == content)
        #expect(gets == 2)
        #expect(try await bytes(pack, at: target) == content)
        #expect(gets == 2)
    }

    @Test("a copy that was cut, emptied or is another object's is fetched again")
    func strange() async throws {
        let content = SampleBytes.random(200_000, seed: 4)
        store[pack] = content
        store[run] = [1]
        let target = try await target()
        _ = try await bytes(run, at: target)
        let other = try #require(folder.files.first)
        _ = try await bytes(pack, at: target)
        let path = try #require(folder.files.first { $0 != other })
        for size in [0, 10, 40, 199_999] as [UInt64] {
            try OpenFile(path, O_WRONLY).resize(to: size)
            #expect(try await bytes(pack, at: target) == content)
        }
        #expect(gets == 6)
        #expect(rename(other, path) == 0)
        #expect(try await bytes(pack, at: target) == content)
        #expect(gets == 7)
    }

    @Test("copies that take more than their size go, those first that were used longest ago")
    func eviction() async throws {
        let clock = ManualClock()
        let cache = cache(size: 1 << 20, clock: clock)
        let target = try await target(cache)
        let keys = (0..<12 as Range<UInt64>).map { ObjectLayout.pack(PackID(words: ($0, 9)), .metadata) }
        for key in keys {
            try await target.put(key, Buffer(SampleBytes.random(120_000, seed: 1)))
            clock.advance(.seconds(120))
            // The first one is used again and again.
            _ = try await bytes(keys[0], at: target)
            clock.advance(.seconds(120))
        }
        #expect(cache.bytes <= 1 << 20)
        #expect(cache.bytes > 512 << 10)
        #expect(gets == 0)
        _ = try await bytes(keys[11], at: target)
        #expect(gets == 0)
        _ = try await bytes(keys[1], at: target)
        #expect(gets == 1)
    }

    @Test("what a writer that died left in the folder goes after an hour")
    func leftovers() async throws {
        let clock = ManualClock()
        let target = try await target(cache(size: 1 << 20, clock: clock))
        try await target.put(run, Buffer([1]))
        let left = folder.path + "/objects/.0123456789abcdef"
        try OpenFile(left, O_WRONLY | O_CREAT).write(([1, 2] as [UInt8]).span.bytes, at: 0)
        clock.advance(.seconds(10 * 366 * 86_400))
        let later = try await self.target(cache(size: 1 << 20, clock: clock))
        try await later.put(pack, Buffer([1]))
        #expect(access(left, F_OK) != 0)
    }

    @Test("small parts of a large pack are fetched as such, until so many were that the whole is worth it")
    func parts() async throws {
        let content = SampleBytes.random(4 << 20, seed: 5)
        store[pack] = content
        let target = try await target()
        for number in 0..<16 {
            let range = (number * 4096)..<(number * 4096 + 4096)
            #expect(try await bytes(pack, range, at: target) == Array(content[range]))
        }
        #expect(counting.tally.bytesGot == 16 * 4096)
        for number in 0..<40 {
            let range = (number * 100_000)..<(number * 100_000 + 50_000)
            #expect(try await bytes(pack, range, at: target) == Array(content[range]))
        }
        #expect(counting.tally.bytesGot < 6 << 20)
        let before = gets
        for number in 0..<40 { _ = try await bytes(pack, (number * 9000)..<(number * 9000 + 1), at: target) }
        #expect(gets == before)
    }

    @Test("several processes use one folder at once, while it overflows, and all read what is right")
    func together() async throws {
        let keys = (0..<24 as Range<UInt64>).map { ObjectLayout.pack(PackID(words: ($0, 7)), .metadata) }
        for (number, key) in keys.enumerated() { store[key] = SampleBytes.random(50_000, seed: UInt64(number)) }
        let caches = (0..<4).map { _ in cache(size: 400_000) }
        let (store, counting) = (store, counting)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (worker, cache) in caches.enumerated() {
                group.addTask {
                    let target = CachingTarget(counting, cache, CacheRules())
                    _ = try await target.get(ObjectLayout.configuration, limit: 1 << 20)
                    for step in 0..<200 {
                        let key = keys[(step * (worker + 3) + worker) % keys.count]
                        let output = Buffer(capacity: 60_000)
                        try await target.get(key, nil, into: output)
                        guard output.array == store[key] else { throw EngineError(.corrupt, "\(key) is wrong") }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(cache().bytes <= 800_000)
    }

    @Test("without a folder that can be written to everything is fetched, and nothing fails")
    func noFolder() async throws {
        mkdir(folder.path, 0o700)
        try OpenFile(folder.path + "/objects", O_WRONLY | O_CREAT).write(([1] as [UInt8]).span.bytes, at: 0)
        store[pack] = [1, 2, 3]
        let target = try await target()
        for _ in 0..<3 { #expect(try await bytes(pack, at: target) == [1, 2, 3]) }
        #expect(gets == 3)
    }
}
