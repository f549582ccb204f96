import Glibc

/// When each pack of a repository was last decoded and found good: a small file of this proxy's cache. A file that is
/// lost or damaged only loses the memory.
///
/// ```
/// header 16    magic 8 `AHVCHCK1` · zero 8
/// packs  24×n  pack name 16 · milliseconds since 1970 i64
/// end    8     xxh64 of everything before
/// ```
package struct CheckMemory: Sendable {
    private static let magic = "AHVCHCK1"
    private static let headerCount = 16
    private static let recordCount = 24
    private static let limit = 1 << 30

    private let path: String?
    private var times: [PackID: Int64] = [:]

    /// A memory that ends with the process.
    package init() { path = nil }

    /// The memory kept at `path`; empty when there is none that can be read.
    package init(path: String) {
        self.path = path
        times = (try? Self.read(path)) ?? [:]
    }

    /// When the pack was found good, nil when that is not known. A time to come, from before a clock was set right,
    /// counts as unknown.
    package func time(of pack: PackID, now: Timestamp) -> Timestamp? {
        guard let milliseconds = times[pack], milliseconds <= now.milliseconds else { return nil }
        return Timestamp(milliseconds: milliseconds)
    }

    package mutating func record(_ pack: PackID, at time: Timestamp) { times[pack] = time.milliseconds }
    package mutating func forget(_ pack: PackID) { times[pack] = nil }

    /// Forgets packs that are gone.
    package mutating func keep(only packs: Set<PackID>) { times = times.filter { packs.contains($0.key) } }

    /// Puts the memory in the place of the one before. Whoever reads meanwhile sees either.
    /// - Throws: by `errno`.
    package func save() throws(EngineError) {
        guard let path else { return }
        var writer = ByteWriter(capacity: Self.headerCount + times.count * Self.recordCount + 8)
        writer.write(magic: Self.magic)
        writer.write(zeros: 8)
        for (pack, time) in times.sorted(by: { $0.key < $1.key }) {
            writer.write(pack)
            writer.write(time)
        }
        writer.write(Checksum.xxh64(writer.bytes.span.bytes))
        var generator = SystemRandomNumberGenerator()
        let temporary = path + "." + PackID.random(using: &generator).description.prefix(8)
        do throws(EngineError) {
            let file = try OpenFile(temporary, O_WRONLY | O_CREAT | O_EXCL)
            try file.write(writer.bytes.span.bytes, at: 0)
            guard rename(temporary, path) == 0 else { throw .system("replace", path) }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    private static func read(_ path: String) throws(EngineError) -> [PackID: Int64] {
        let file = try OpenFile(path, O_RDONLY)
        let size = Int(try file.status().st_size)
        guard size >= headerCount + 8, size <= limit else { throw EngineError(.corrupt, "\(path) has a wrong size") }
        let buffer = Buffer(capacity: size)
        var failure: EngineError?
        buffer.append(upTo: size) { space in
            do throws(EngineError) { return try file.read(into: space, at: 0) } catch {
                failure = error
                return 0
            }
        }
        if let failure { throw failure }
        return try buffer.withBytes { bytes throws(EngineError) in try parse(bytes) }
    }

    private static func parse(_ bytes: RawSpan) throws(EngineError) -> [PackID: Int64] {
        var reader = ByteReader(bytes, what: "the memory of checks")
        try reader.expect(magic: magic)
        try reader.skip(8)
        var times: [PackID: Int64] = [:]
        while reader.remaining >= recordCount + 8 {
            let pack = try reader.readPackID()
            times[pack] = try reader.read(Int64.self)
        }
        let end = reader.offset
        guard reader.remaining == 8, try reader.read(UInt64.self) == Checksum.xxh64(bytes.extracting(0..<end)) else {
            throw EngineError(.corrupt, "the memory of checks is damaged")
        }
        return times
    }
}

extension CheckMemory {
    /// The packs that a check of `percent` reads: those found good longest ago, or never, first, until they hold so much
    /// of all bytes.
    func choose(_ percent: Double, of packs: [ListedPack], now: Timestamp) -> [ListedPack] {
        guard percent < 100 else { return packs }
        let total = packs.reduce(0.0) { $0 + Double($1.size) }
        let byAge = packs.map { ($0, time(of: $0.id, now: now)?.milliseconds ?? .min) }
            .sorted { ($0.1, $0.0.id) < ($1.1, $1.0.id) }
        var chosen: Set<PackID> = []
        var bytes = 0.0
        for (pack, _) in byAge {
            guard bytes < total * percent / 100 || chosen.isEmpty else { break }
            chosen.insert(pack.id)
            bytes += Double(pack.size)
        }
        return packs.filter { chosen.contains($0.id) }
    }

    /// How much of the packs was found good within some numbers of days.
    func recency(of packs: [ListedPack], now: Timestamp) -> [CheckReport.Recency] {
        let total = packs.reduce(0.0) { $0 + Double($1.size) }
        return [7, 30, 90].map { days in
            let earliest = now.milliseconds - Int64(days) * 86_400_000
            let bytes = packs.reduce(0.0) { sum, pack in
                let time = time(of: pack.id, now: now)
                return (time?.milliseconds ?? .min) >= earliest ? sum + Double(pack.size) : sum
            }
            return CheckReport.Recency(days: days, share: total > 0 ? bytes / total : 1)
        }
    }
}
