import Glibc

/// Which packs each index run of a repository lists, as far as this machine has seen: a run is fetched only when one of
/// its packs is not in the cache yet.
struct RunCatalogue: Sendable, Equatable {
    var packs: [String: [PackID]] = [:]

    private static let magic = "AHVRUNS1"

    /// What a process has left in the file; empty when there is none or it is damaged.
    init(reading path: String) {
        guard let file = try? MappedFile(path) else { return }
        guard let read = file.withBytes(0..<file.count, { try? Self.parse($0) }) else { return }
        packs = read
    }

    init() {}

    private static func parse(_ bytes: RawSpan) throws(EngineError) -> [String: [PackID]] {
        let what = "the list of index runs"
        var reader = ByteReader(bytes, what: what)
        try reader.expect(magic: magic)
        guard reader.remaining >= 8 else { throw EngineError(.corrupt, what) }
        let end = bytes.byteCount - 8
        var tail = ByteReader(bytes.extracting(end..<bytes.byteCount), what: what)
        guard try tail.read(UInt64.self) == Checksum.xxh64(bytes.extracting(0..<end)) else {
            throw EngineError(.corrupt, "\(what) is damaged")
        }
        var packs: [String: [PackID]] = [:]
        while reader.remaining > 8 {
            var name: [UInt8] = []
            for _ in 0..<Int(try reader.read(UInt16.self)) { name.append(try reader.read(UInt8.self)) }
            let count = Int(try reader.read(UInt32.self))
            guard count * 16 <= reader.remaining - 8 else { throw EngineError(.corrupt, "\(what) is damaged") }
            var listed: [PackID] = []
            listed.reserveCapacity(count)
            for _ in 0..<count { listed.append(try reader.readPackID()) }
            packs[String(decoding: name, as: UTF8.self)] = listed
        }
        return packs
    }

    /// Puts it in place of what was there, whole or not at all.
    func write(to path: String, by temporary: String) throws(EngineError) {
        var writer = ByteWriter()
        writer.write(magic: Self.magic)
        for (name, listed) in packs {
            writer.write(UInt16(name.utf8.count))
            writer.write(Array(name.utf8))
            writer.write(UInt32(listed.count))
            for pack in listed { writer.write(pack) }
        }
        writer.write(Checksum.xxh64(writer.bytes.span.bytes))
        try OpenFile(temporary, O_WRONLY | O_CREAT | O_EXCL).write(writer.bytes.span.bytes, at: 0)
        guard rename(temporary, path) == 0 else {
            let error = EngineError.system("rename", temporary)
            unlink(temporary)
            throw error
        }
    }
}
