import Engine
import Testing

@testable import Codecs

/// Logs that were not replayed. The file's own block table is lost in all of them: only the log has it.
@Suite("The log of a VHDX is replayed in memory")
struct VHDXLogTests {
    private static let disk = ImageSamples.disk
    private static let ring = Int(VHDXLayout.log.count)
    private static let table = VHDXBytes.table

    /// An image whose block table is zeros, and the table's first sector as it was.
    private func broken() async throws -> (image: VHDXBytes, table: [UInt8]) {
        var image = try await VHDXBytes.written("dynamic", Self.disk)
        let table = Array(image.bytes[Self.table..<(Self.table + 4096)])
        image.set([UInt8](repeating: 0, count: 4096), at: Self.table)
        let isLost = try await !ImageSamples.areEqual(ImageSamples.read(image.bytes, as: "vhdx"), Self.disk)
        try #require(isLost)
        return (image, table)
    }

    private func expectWhole(_ image: VHDXBytes) async throws {
        let opened = try await ImageSamples.open(image.bytes, as: "vhdx")
        #expect(opened.facts.remarks == ["the file was not closed: its log was replayed in memory"])
        let isSame = try await ImageSamples.areEqual(VMDKSamples.read(opened), Self.disk)
        #expect(isSame)
        let check = try await ImageSamples.check(image.bytes, as: "vhdx")
        #expect(check.violations.map { $0.message.contains("log must be replayed") } == [true], "\(check.violations)")
        let extents = try await opened.extents(in: ByteRange(0, opened.size))
        for extent in extents where extent.isZero {
            let isZero = ImageSamples.isZero(Self.disk, extent.range)
            #expect(isZero)
        }
    }

    private func expectRefused(_ image: VHDXBytes, _ words: String) async throws {
        let error = await #expect(throws: EngineError.self) { try await ImageSamples.read(image.bytes, as: "vhdx") }
        #expect(error?.kind == .corrupt)
        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
        let check = try await ImageSamples.check(image.bytes, as: "vhdx")
        #expect(!check.isSound)
        #expect(check.violations.contains { $0.message.contains(words) }, "\(check.violations)")
    }

    private func garbage(_ seed: UInt8) -> [UInt8] { [UInt8](repeating: seed, count: 4096) }

    /// At the ring's end an entry of two sectors just fits, or goes on at its beginning.
    @Test(
        "a data descriptor brings a sector back, wherever its entry lies in the ring",
        arguments: [0, 4096, (1 << 20) - 8192, (1 << 20) - 4096])
    func data(_ place: Int) async throws {
        let (broken, table) = try await self.broken()
        var image = broken
        image.setLog([(place, VHDXLogged(sequence: 7, tail: place, changes: [.data(Self.table, table)]))])
        try await expectWhole(image)
    }

    @Test("entries are replayed from the oldest to the newest", arguments: [0, 20, 254])
    func order(_ first: Int) async throws {
        let (broken, table) = try await self.broken()
        var image = broken
        let changes: [[VHDXLogged.Change]] = [
            [.data(Self.table, garbage(1)), .zeros(Self.table + 4096, count: 8192)],
            [.zeros(Self.table, count: 4096)],
            [.data(Self.table, garbage(2)), .data(Self.table + 8192, garbage(3))],
            [.data(Self.table, table), .zeros(Self.table + 8192, count: 4096)],
        ]
        image.setLog(chain(changes, at: first * 4096, from: 40))
        try await expectWhole(image)
    }

    @Test("zeros replace what the file and older entries have")
    func zeros() async throws {
        var image = try await VHDXBytes.written("dynamic", Self.disk)
        image.setLog(
            chain([[.data(Self.table, garbage(6))], [.zeros(Self.table, count: 1 << 20)]], at: 0, from: 1))
        let isZero = try await ImageSamples.isZero(ImageSamples.read(image.bytes, as: "vhdx"), ByteRange(0, 8 << 20))
        #expect(isZero)
    }

    @Test("numbers of entries go on across 32 bits")
    func longNumbers() async throws {
        let (broken, table) = try await self.broken()
        var image = broken
        let changes: [[VHDXLogged.Change]] = [[.data(Self.table, garbage(1))], [.data(Self.table, table)]]
        image.setLog(chain(changes, at: 8192, from: UInt64(UInt32.max)))
        try await expectWhole(image)
    }

    @Test("a newest entry that was not written whole does not count")
    func torn() async throws {
        let (broken, table) = try await self.broken()
        var image = broken
        let changes: [[VHDXLogged.Change]] = [[.data(Self.table, table)], [.data(Self.table, garbage(9))]]
        image.setLog(chain(changes, at: 0, from: 5))
        image.bytes[VHDXBytes.log + 8192 + 4096 + 700] ^= 1
        try await expectWhole(image)
    }

    @Test("entries of another log, and older runs, do not count")
    func stale() async throws {
        let (broken, table) = try await self.broken()
        var image = broken
        image.setLog([
            (0, VHDXLogged(sequence: 99, tail: 0, changes: [.data(Self.table, garbage(1))], id: .named("other")))
        ])
        image.setLog(
            [
                (40_960, VHDXLogged(sequence: 3, tail: 40_960, changes: [.data(Self.table, garbage(2))])),
                (81_920, VHDXLogged(sequence: 9, tail: 81_920, changes: [.data(Self.table, table)])),
            ])
        try await expectWhole(image)
    }

    @Test("an entry whose older ones are gone does not count")
    func incomplete() async throws {
        let (broken, table) = try await self.broken()
        var image = broken
        image.setLog(
            [
                (0, VHDXLogged(sequence: 3, tail: 0, changes: [.data(Self.table, table)])),
                (81_920, VHDXLogged(sequence: 9, tail: 40_960, changes: [.data(Self.table, garbage(1))])),
            ])
        try await expectWhole(image)
    }

    @Test("an entry has more descriptors than fit into its first sector")
    func manyDescriptors() async throws {
        let (broken, table) = try await self.broken()
        var image = broken
        let fillers = (1...140).map { VHDXLogged.Change.data(Self.table + $0 * 4096, garbage(0)) }
        image.setLog([(40_960, VHDXLogged(sequence: 2, tail: 40_960, changes: fillers + [.data(Self.table, table)]))])
        try await expectWhole(image)
    }

    @Test("a file that has become shorter is refused, one that was to grow is longer")
    func sizes() async throws {
        let (broken, table) = try await self.broken()
        var image = broken
        let end = UInt64(image.bytes.count)
        image.setLog(
            [(0, VHDXLogged(sequence: 2, tail: 0, changes: [.data(Self.table, table)], flushedEnd: end + 1))])
        try await expectRefused(image, "it is cut off")
        // The last block of the disk holds but its last sector: what was not written yet reads as zeros.
        image = broken
        image.setLog(
            [
                (
                    0,
                    VHDXLogged(
                        sequence: 2, tail: 0, changes: [.data(Self.table, table)], flushedEnd: 1 << 20, lastEnd: end)
                )
            ])
        image.bytes.removeLast(4096)
        let wanted = Array(Self.disk.dropLast(512)) + [UInt8](repeating: 0, count: 512)
        let isSame = try await ImageSamples.areEqual(ImageSamples.read(image.bytes, as: "vhdx"), wanted)
        #expect(isSame)
    }

    @Test("a log without a whole entry, and damage within a whole one, are corrupt")
    func damaged() async throws {
        let (broken, table) = try await self.broken()
        var image = broken
        image.setLog([])
        try await expectRefused(image, "no entry of it is whole")
        let whole = VHDXLogged(sequence: 2, tail: 0, changes: [.data(Self.table, table)])
        let changes: [(VHDXLogged, Int, [UInt8])] = [
            (whole, 64, Array("dusc".utf8)), (whole, 64 + 24, [9]), (whole, 64 + 16, [1]),
            (whole, 4096, Array("dita".utf8)), (whole, 4100, [1]), (whole, 8188, [77]), (whole, 24, [0]),
        ]
        for (entry, place, bytes) in changes {
            image = broken
            image.setLog([(0, entry)])
            image.set(bytes, at: VHDXBytes.log + place)
            let sealed = Array(image.bytes[VHDXBytes.log..<(VHDXBytes.log + entry.count)])
            image.set(CRC32C.of(sealed, fieldAt: 4), at: VHDXBytes.log + 4)
            try await expectRefused(image, "is damaged")
        }
        image = broken
        image.setLog([(0, VHDXLogged(sequence: 2, tail: 0, changes: [.zeros(Self.table, count: 100)]))])
        try await expectRefused(image, "is damaged")
    }

    @Test("a log that clears more places than any real one is refused, and one that names them twice is not")
    func manyZeros() async throws {
        var image = try await VHDXBytes.written("dynamic", Self.disk)
        let apart = (0...LoggedChanges.mostZeros).map { VHDXLogged.Change.zeros((1 << 40) + $0 * 8192, count: 4096) }
        image.setLog([(0, VHDXLogged(sequence: 2, tail: 0, changes: apart))])
        let bytes = image.bytes
        let error = await #expect(throws: EngineError.self) { try await ImageSamples.read(bytes, as: "vhdx") }
        #expect(error?.kind == .unsupported)
        #expect(try await !ImageSamples.check(bytes, as: "vhdx").isSound)
        let zeros = [VHDXLogged.Change](repeating: .zeros(1 << 40, count: 4096), count: 1000)
        image = try await VHDXBytes.written("dynamic", Self.disk)
        image.setLog(chain([[VHDXLogged.Change]](repeating: zeros, count: 20), at: 0, from: 1))
        let isSame = try await ImageSamples.areEqual(ImageSamples.read(image.bytes, as: "vhdx"), Self.disk)
        #expect(isSame)
    }

    @Test("another version of the log is refused")
    func version() async throws {
        let (broken, table) = try await self.broken()
        var image = broken
        image.setLog([(0, VHDXLogged(sequence: 2, tail: 0, changes: [.data(Self.table, table)]))])
        for header in VHDXBytes.headers { image.set(1 as UInt16, at: header + 64) }
        image.seal()
        let error = await #expect(throws: EngineError.self) { try await ImageSamples.read(image.bytes, as: "vhdx") }
        #expect(error?.kind == .unsupported)
        #expect(try await !ImageSamples.check(image.bytes, as: "vhdx").isSound)
    }

    /// Entries one behind the other from a place of the ring on.
    private func chain(
        _ changes: [[VHDXLogged.Change]], at place: Int, from sequence: UInt64
    ) -> [(place: Int, entry: VHDXLogged)] {
        var entries: [(place: Int, entry: VHDXLogged)] = []
        var next = place
        for (index, change) in changes.enumerated() {
            let entry = VHDXLogged(sequence: sequence + UInt64(index), tail: place, changes: change)
            entries.append((next, entry))
            next = (next + entry.count) % Self.ring
        }
        return entries
    }
}
