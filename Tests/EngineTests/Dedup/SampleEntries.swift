import EngineContracts
import Glibc

@testable import Engine

/// Index entries as backups make them: random ids, packs of a hundred blobs each.
enum SampleEntries {
    static func id(_ number: Int) -> Digest {
        Digest(SampleBytes.random(32, seed: UInt64(number) &* 0x1_0000_0001 &+ 999).span.bytes)
    }

    static func pack(_ number: Int) -> PackID { PackID(words: (UInt64(number) &* 0x9E37_79B9_7F4A_7C15, 7)) }

    /// Blob `number`, in pack `number / 100` unless another one is given.
    static func entry(_ number: Int, inPack pack: Int? = nil) -> BlobEntry {
        let pack = pack ?? number / 100
        return BlobEntry(
            id: id(number),
            location: BlobLocation(
                pack: Self.pack(pack), kind: pack.isMultiple(of: 10) ? .metadata : .data,
                offset: UInt32(64 + number % 100 * 40_000), storedCount: 30_000 + UInt32(number % 50), rawCount: 65_536,
                codec: CodecID.zstd))
    }

    static func entries(_ numbers: Range<Int>) -> [BlobEntry] { numbers.map { entry($0) } }

    static func run(_ numbers: Range<Int>) -> IndexRun { IndexRun(name: "run", entries: entries(numbers)) }

    /// Writes a run to a file.
    static func write(_ run: IndexRun, to path: String) throws { try write(run.encoded().array, to: path) }

    static func write(_ bytes: [UInt8], to path: String) throws {
        unlink(path)
        try OpenFile(path, O_WRONLY | O_CREAT | O_EXCL).write(bytes.span.bytes, at: 0)
    }

    static func bytes(of path: String) throws -> [UInt8] {
        let file = try OpenFile(path, O_RDONLY)
        var bytes = [UInt8](repeating: 0, count: Int(try file.status().st_size))
        _ = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
        return bytes
    }
}

extension MemoryStore {
    /// Puts a run behind a target's back, and something for each of its packs so that they are listed.
    @discardableResult
    func put(_ run: IndexRun) -> ObjectKey {
        let key = ObjectLayout.index(IndexRun.newName())
        self[key] = run.encoded().array
        for entry in run.entries {
            let pack = ObjectLayout.pack(entry.location.pack, entry.location.kind)
            if self[pack] == nil { self[pack] = [0] }
        }
        return key
    }

    /// Names of the index runs.
    var runs: [ObjectKey] { keys.filter { $0.text.hasPrefix(ObjectLayout.index) } }
}
