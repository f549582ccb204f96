import Codecs
import EngineContracts
import Logging
import Synchronization
import Testing

@testable import Engine

@Suite("Filling packs")
struct PackStreamTests {
    private let context = PluginContext(logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    private let session = SessionID(word: 7)

    private func stream(_ target: any Target, listing stored: StoredList) -> PackStream {
        PackStream(
            kind: .data, target: target, session: session, pool: BufferPool(limit: 3, capacity: 256 << 10),
            stored: { entries, _ in stored.entries.withLock { $0 += entries } },
            failed: { ids in stored.failed.withLock { $0 += ids } })
    }

    private func codec() throws -> any Codec {
        try Registry<any Codec>.builtin.make(PluginChoice(type: "zstd", settings: .empty(at: "test")), in: context)
    }

    final class StoredList: Sendable {
        let entries = Mutex<[BlobEntry]>([])
        let failed = Mutex<[Digest]>([])
        let taken = Mutex<Set<Digest>>([])
        let errors = Mutex(0)
    }

    private func blob(_ number: UInt64, codec: any Codec, scratch: Buffer) throws(EngineError) -> EncodedBlob {
        var generator = SeededGenerator(seed: number)
        let words = (0..<Int.random(in: 1...4000, using: &generator)).map { _ in generator.next() }
        let bytes = words.withUnsafeBytes { Array($0) }
        return try EncodedBlob(
            id: Digest.sha256(bytes.span.bytes), raw: bytes.span.bytes, codec: codec, cipher: nil, kind: .data,
            scratch: scratch)
    }

    @Test("blobs of many lanes all arrive whole, while others flush")
    func manyLanes() async throws {
        let target = MemoryTarget(MemoryStore())
        let codec = try codec()
        let list = StoredList()
        let stream = stream(target, listing: list)
        try await onBlockingThreads {
            try await target.open()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for lane in 0..<8 as Range<UInt64> {
                    group.addTask {
                        let scratch = Buffer(capacity: 64 << 10)
                        for number in 0..<150 as Range<UInt64> {
                            try await stream.append(blob(lane * 1000 + number + 1, codec: codec, scratch: scratch))
                            if number % 40 == lane { try await stream.flush() }
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await stream.flush()
        }
        #expect(list.entries.withLock { $0.count } == 8 * 150)
        #expect(list.failed.withLock { $0 }.isEmpty)
        var found: Set<Digest> = []
        for object in try await target.list(prefix: ObjectLayout.packs) {
            let pack = try #require(ObjectLayout.parsePack(object.key))
            let bytes = try await target.get(object.key, limit: 1 << 20)
            try bytes.withBytes { span throws(EngineError) in
                for entry in try PackTable(whole: span, id: pack.id, kind: pack.kind).entries {
                    let range = entry.location(in: pack.id, pack.kind).fetchRange
                    if Checksum.xxh64(span.extracting(range)) == entry.checksum { found.insert(entry.id) }
                }
            }
        }
        #expect(found == Set(list.entries.withLock { $0.map(\.id) }))
        #expect(found.count == 8 * 150)
    }

    @Test("when a pack cannot be stored every lane hears of it, and every blob's claim is given back")
    func failure() async throws {
        let target = FaultyTarget(
            MemoryTarget(MemoryStore()),
            [FaultyTarget.Fault(.put, times: 1000, error: EngineError(.noSpace, "full"))])
        let codec = try codec()
        let list = StoredList()
        let stream = stream(target, listing: list)
        try await onBlockingThreads {
            try await target.open()
            await withTaskGroup(of: Void.self) { group in
                for lane in 0..<6 as Range<UInt64> {
                    group.addTask {
                        let scratch = Buffer(capacity: 64 << 10)
                        do {
                            for number in 0..<400 as Range<UInt64> {
                                let blob = try blob(lane * 1000 + number + 1, codec: codec, scratch: scratch)
                                try await stream.append(blob)
                                list.taken.withLock { _ = $0.insert(blob.id) }
                            }
                        } catch { list.errors.withLock { $0 += 1 } }
                    }
                }
            }
            await stream.abandon()
        }
        #expect(list.errors.withLock { $0 } == 6)
        #expect(list.taken.withLock { $0 }.isSubset(of: Set(list.failed.withLock { $0 })))
    }
}
