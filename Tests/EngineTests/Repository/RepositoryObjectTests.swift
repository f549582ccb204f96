import Codecs
import EngineContracts
import Logging
import Testing

@testable import Engine

@Suite("Index runs and documents")
struct RepositoryObjectTests {
    private func entries(_ count: Int) -> [BlobEntry] {
        (0..<count).map { index in
            let id = Digest(words: (UInt64(index) &* 0x9E37_79B9_7F4A_7C15, 1, 2, 3))
            let pack = PackID(words: (UInt64(index % 3), 9))
            return BlobEntry(
                id: id,
                location: BlobLocation(
                    pack: pack, kind: index % 3 == 0 ? .metadata : .data, offset: UInt32(64 + index),
                    storedCount: UInt32(index), rawCount: UInt32(index * 2), codec: 1))
        }
    }

    private func read(_ bytes: [UInt8]) throws(EngineError) -> IndexRun {
        try IndexRun(name: "a", parsing: bytes.span.bytes)
    }

    @Test("an index run survives being written and read")
    func indexRun() throws {
        let written = IndexRun(name: "a", entries: entries(500))
        let read = try written.encoded().withBytes { bytes throws(EngineError) in
            try IndexRun(name: "a", parsing: bytes)
        }
        #expect(read.entries == written.entries.sorted { $0.id < $1.id })
    }

    @Test("a flipped byte anywhere in an index run is found")
    func damagedIndexRun() {
        let bytes = IndexRun(name: "a", entries: entries(20)).encoded().array
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 1
            #expect(throws: EngineError.self) { try read(damaged) }
        }
    }

    @Test("a flipped byte anywhere in a sealed document is found")
    func damagedDocument() throws {
        let document = SealedDocument<JSONValue>(kind: "MANIFEST", what: "it")
        let bytes = try document.seal(["name": "web"]).array
        #expect(try document.open(bytes) == ["name": "web"])
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 1
            #expect(throws: EngineError.self) { try document.open(damaged) }
        }
    }

    @Test("restore point ids sort by time, and only well-formed ones are accepted")
    func identifiers() throws {
        var generator = SystemRandomNumberGenerator()
        let early = RestorePointID(at: Timestamp(milliseconds: 1_000_000), using: &generator)
        let late = RestorePointID(at: Timestamp(milliseconds: 1_800_000_000_000), using: &generator)
        #expect(early < late)
        for millisecond in stride(from: Int64(1_800_000_000_000), to: 1_800_000_000_999, by: 1) {
            let first = RestorePointID(at: Timestamp(milliseconds: millisecond), using: &generator)
            #expect(first < RestorePointID(at: Timestamp(milliseconds: millisecond + 1), using: &generator))
        }
        #expect(try RestorePointID(late.text) == late)
        for text in ["", "2026", "20261122-1830-k3f9x2mq", "20261122-183045-K3F9X2MQ", "../../etc/passwd"] {
            #expect(throws: EngineError.self) { try RestorePointID(text) }
        }
    }

    @Test("times survive being written and read, with or without a fraction")
    func times() {
        let time = Timestamp(milliseconds: 1_795_372_245_123)
        #expect(Timestamp(time.description) == time)
        #expect(Timestamp("2026-11-22T18:30:45Z")?.description == "2026-11-22T18:30:45.000Z")
        #expect(Timestamp("2026-11-22T18:30:45.5Z")?.description == "2026-11-22T18:30:45.500Z")
        for text in ["", "now", "2026-11-22", "2026-13-22T18:30:45Z", "2026-11-22T18:30:45+01:00"] {
            #expect(Timestamp(text) == nil)
        }
    }
}
