import Engine
import Testing

@testable import Codecs

@Suite("Damages of VHDXs are named")
struct VHDXDamageTests {
    /// A change to a file, and a part of what is said of it.
    struct Damage: Sendable, CustomTestStringConvertible {
        let name: String
        var variant = "dynamic"
        let finding: String
        var isError = true
        /// Why the disk cannot be read; nil where it can.
        var reading: EngineError.Kind?
        /// Whether it still reads as it was.
        var isWhole = true
        let change: @Sendable (inout VHDXBytes) -> Void

        var testDescription: String { "\(variant): \(name)" }
    }

    private static let foreign = ImageID.named("foreign")

    static let heads: [Damage] = [
        Damage(name: "no signature", finding: "no signature `vhdxfile`", reading: .corrupt) { $0.bytes[3] ^= 1 },
        Damage(name: "current header's checksum", finding: "header 2 has a wrong checksum") {
            $0.bytes[VHDXBytes.headers[1] + 4] ^= 1
        },
        Damage(name: "old header's checksum", finding: "header 1 has a wrong checksum") {
            $0.bytes[VHDXBytes.headers[0] + 4] ^= 1
        },
        Damage(name: "both headers lost", finding: "header 1 has no signature", reading: .corrupt) {
            for header in VHDXBytes.headers { $0.bytes[header] = 0 }
        },
        Damage(name: "equal numbers, other ids", finding: "nobody knows which one counts", reading: .corrupt) {
            $0.set(2 as UInt64, at: VHDXBytes.headers[0] + 8)
            $0.bytes[VHDXBytes.headers[0] + 20] ^= 1
            $0.seal()
        },
        Damage(name: "headers of version 2", finding: "version 2", reading: .unsupported) {
            for header in VHDXBytes.headers { $0.set(2 as UInt16, at: header + 66) }
            $0.seal()
        },
        Damage(name: "a log off its place", finding: "not on a MiB") {
            $0.set((1 << 20) + 4096 as UInt64, at: VHDXBytes.headers[1] + 72)
            $0.seal()
        },
        Damage(name: "a log behind the end", finding: "the log ends at") {
            $0.set(1 << 40 as UInt64, at: VHDXBytes.headers[1] + 72)
            $0.seal()
        },
        Damage(name: "a log of no whole MiB", finding: "not whole MiB") {
            $0.set(4096 as UInt32, at: VHDXBytes.headers[1] + 68)
            $0.seal()
        },
        Damage(name: "first region table's checksum", finding: "region table 1 has a wrong checksum") {
            $0.bytes[VHDXBytes.regionTables[0] + 4] ^= 1
        },
        Damage(name: "second region table's checksum", finding: "region table 2 has a wrong checksum") {
            $0.bytes[VHDXBytes.regionTables[1] + 4] ^= 1
        },
        Damage(name: "both region tables lost", finding: "region table 1 has no", reading: .corrupt) {
            for table in VHDXBytes.regionTables { $0.bytes[table] = 0 }
        },
        Damage(name: "region tables differ", finding: "region tables differ") {
            $0.set(0 as UInt32, at: VHDXBytes.regionTables[1] + 16 + 28)
            $0.seal()
        },
        Damage(name: "regions not required, as QEMU has it", finding: "not marked as required", isError: false) {
            for table in VHDXBytes.regionTables {
                $0.set(0 as UInt32, at: table + 16 + 28)
                $0.set(0 as UInt32, at: table + 48 + 28)
            }
            $0.seal()
        },
        Damage(name: "an unknown region that is required", finding: "\(foreign) is unknown", reading: .unsupported) {
            Self.addRegion(&$0, isRequired: 1)
        },
        Damage(name: "an unknown region that is not", finding: "\(foreign) is unknown", isError: false) {
            Self.addRegion(&$0, isRequired: 0)
        },
        Damage(name: "a region behind the end", finding: "behind the file's end", reading: .corrupt) {
            for table in VHDXBytes.regionTables { $0.set(1 << 45 as UInt64, at: table + 16 + 16) }
            $0.seal()
        },
        Damage(name: "a region over another one", finding: "overlap", reading: .corrupt) {
            for table in VHDXBytes.regionTables { $0.set(3 << 20 as UInt64, at: table + 48 + 16) }
            $0.seal()
        },
        Damage(name: "no region for the metadata", finding: "where the metadata is", reading: .corrupt) {
            for table in VHDXBytes.regionTables { $0.set(1 as UInt32, at: table + 8) }
            $0.seal()
        },
    ]

    static let items: [Damage] = [
        Damage(name: "metadata's signature", finding: "no signature `metadata`", reading: .corrupt) {
            $0.bytes[VHDXBytes.metadata] = 0
        },
        Damage(name: "physical sector size missing", finding: "no item physical sector size") {
            $0.set(4 as UInt16, at: VHDXBytes.metadata + 10)
        },
        Damage(name: "logical sector size missing", finding: "no item logical sector size", reading: .corrupt) {
            $0.set(3 as UInt16, at: VHDXBytes.metadata + 10)
        },
        Damage(name: "an unknown item that is required", finding: "\(foreign) is unknown", reading: .unsupported) {
            Self.addItem(&$0, flags: 4)
        },
        Damage(name: "an unknown item that is not", finding: "\(foreign) is unknown", isError: false) {
            Self.addItem(&$0, flags: 1)
        },
        Damage(name: "an item outside of the region", finding: "does not lie within the metadata", reading: .corrupt) {
            $0.set(2 << 20 as UInt32, at: $0.item(1) + 16)
        },
        Damage(name: "items overlap", finding: "overlap") {
            $0.set($0.little($0.item(2) + 16, as: UInt32.self), at: $0.item(4) + 16)
        },
        Damage(name: "flags of an item", finding: "the flags of virtual disk size are 4", isError: false) {
            $0.set(4 as UInt32, at: $0.item(1) + 24)
        },
        Damage(name: "blocks of an odd size", finding: "blocks of 3145728 bytes", reading: .corrupt) {
            $0.set(3 << 20 as UInt32, at: $0.data(0))
        },
        Damage(name: "sectors of an odd size", finding: "sectors of 1024 bytes", reading: .corrupt) {
            $0.set(1024 as UInt32, at: $0.data(3))
        },
        Damage(name: "physical sectors of an odd size", finding: "physical sectors of 1024 bytes") {
            $0.set(1024 as UInt32, at: $0.data(4))
        },
        Damage(name: "a size beyond all", finding: "a size of", reading: .corrupt) {
            $0.set(1 << 50 as UInt64, at: $0.data(1))
        },
        Damage(name: "a size of no whole sectors", finding: "a size of", reading: .corrupt) {
            $0.set((8 << 20) - 1 as UInt64, at: $0.data(1))
        },
        Damage(name: "a size that the table does not reach", finding: "too few", reading: .corrupt) {
            $0.set(1 << 40 as UInt64, at: $0.data(1))
        },
        Damage(name: "a parent without a locator", finding: "parent locator", reading: .corrupt) {
            $0.set(2 as UInt32, at: $0.data(0) + 4)
        },
    ]

    static let tables: [Damage] = [
        Damage(name: "two blocks overlap", finding: "overlaps another one", isWhole: false) {
            $0.set($0.little($0.entry(0), as: UInt64.self), at: $0.entry(2))
        },
        Damage(name: "block over the metadata", finding: "lies over the metadata", isWhole: false) {
            $0.set(2 << 20 | 6 as UInt64, at: $0.entry(0))
        },
        Damage(name: "block over the table", finding: "lies over the block table", isWhole: false) {
            $0.set(3 << 20 | 6 as UInt64, at: $0.entry(0))
        },
        Damage(name: "block over the log", finding: "lies over the log", isWhole: false) {
            $0.set(1 << 20 | 6 as UInt64, at: $0.entry(0))
        },
        Damage(name: "block over the headers", finding: "lies over the headers", reading: .corrupt) {
            $0.set(6 as UInt64, at: $0.entry(0))
        },
        Damage(name: "block behind the end", finding: "ends behind the file's end", reading: .corrupt) {
            $0.set(1 << 40 | 6 as UInt64, at: $0.entry(0))
        },
        Damage(name: "block behind all ends", finding: "ends behind the file's end", reading: .corrupt) {
            $0.set(UInt64.max << 20 | 6, at: $0.entry(0))
        },
        Damage(name: "zeros with an offset", finding: "and yet has the offset") {
            $0.setEntry(1) { $0 & 7 == 2 ? $0 | 9 << 20 : $0 }
        },
        Damage(name: "reserved bits", finding: "reserved bits") { $0.setEntry(0) { $0 | 0x80 } },
        Damage(name: "a state that means nothing", finding: "state 4, which means nothing", reading: .corrupt) {
            $0.setEntry(0) { $0 & ~7 | 4 }
        },
        Damage(name: "partly present without a parent", finding: "partly present in a disk", reading: .corrupt) {
            $0.setEntry(0) { $0 | 7 }
        },
        Damage(name: "unmapped by version 0.95", finding: "version 0.95", isError: false) {
            $0.setEntry(1) { $0 & ~7 | 5 }
        },
        Damage(name: "last block cut short", finding: "the file is cut off", reading: .corrupt) {
            $0.bytes.removeLast(4096)
        },
        Damage(name: "a block of a fixed disk is zeros", variant: "fixed", finding: "lacks block 0", isWhole: false) {
            $0.set(2 as UInt64, at: $0.entry(0))
        },
        Damage(name: "a block of a fixed disk is lost", variant: "fixed", finding: "lacks block 0", isWhole: false) {
            $0.set(0 as UInt64, at: $0.entry(0))
        },
        Damage(name: "blocks of a fixed disk swapped", variant: "fixed", finding: "do not follow", isWhole: false) {
            let (one, two): (UInt64, UInt64) = ($0.little($0.entry(0)), $0.little($0.entry(1)))
            $0.set(two, at: $0.entry(0))
            $0.set(one, at: $0.entry(1))
        },
        Damage(name: "not closed", finding: "its log must be replayed") {
            let table = Array($0.bytes[VHDXBytes.table..<(VHDXBytes.table + 4096)])
            $0.setLog([(0, VHDXLogged(sequence: 1, tail: 0, changes: [.data(VHDXBytes.table, table)]))])
        },
    ]

    private static func addRegion(_ image: inout VHDXBytes, isRequired: UInt32) {
        image.bytes += [UInt8](repeating: 0, count: 1 << 20)
        for table in VHDXBytes.regionTables {
            image.set(3 as UInt32, at: table + 8)
            image.set(foreign.microsoft, at: table + 80)
            image.set(UInt64(image.bytes.count - (1 << 20)), at: table + 96)
            image.set(1 << 20 as UInt32, at: table + 104)
            image.set(isRequired, at: table + 108)
        }
        image.seal()
    }

    private static func addItem(_ image: inout VHDXBytes, flags: UInt32) {
        image.set(6 as UInt16, at: VHDXBytes.metadata + 10)
        image.set(foreign.microsoft, at: image.item(5))
        image.set(100_000 as UInt32, at: image.item(5) + 16)
        image.set(8 as UInt32, at: image.item(5) + 20)
        image.set(flags, at: image.item(5) + 24)
    }

    @Test("each of them, and the disk reads as it was or not at all", arguments: heads + items + tables)
    func named(_ damage: Damage) async throws {
        var image = try await VHDXBytes.written(damage.variant)
        #expect(try await ImageSamples.check(image.bytes, as: "vhdx").violations == [])
        damage.change(&image)
        let check = try await ImageSamples.check(image.bytes, as: "vhdx")
        #expect(check.violations.contains { $0.message.contains(damage.finding) }, "\(check.violations)")
        #expect(check.isSound != damage.isError, "\(check.violations)")
        if let kind = damage.reading {
            let error = await #expect(throws: EngineError.self) { try await ImageSamples.read(image.bytes, as: "vhdx") }
            #expect(error?.kind == kind)
        } else {
            let isSame = try await ImageSamples.areEqual(ImageSamples.read(image.bytes, as: "vhdx"), ImageSamples.disk)
            #expect(isSame == damage.isWhole)
        }
    }

    @Test("a block at the last of all offsets is corrupt from its middle on too")
    func lastOffset() async throws {
        var image = try await VHDXBytes.written(blockSize: "8MiB")
        image.set(UInt64.max << 20 | 6, at: image.entry(0))
        let bytes = image.bytes
        let error = await #expect(throws: EngineError.self) {
            try await ImageSamples.open(bytes, as: "vhdx")
                .read(ByteRange(5 << 20, 6 << 20), into: Buffer(capacity: 1 << 20))
        }
        #expect(error?.kind == .corrupt)
    }

    @Test("of two headers that are the same, as Disk2vhd writes them, one counts")
    func sameHeaders() async throws {
        var image = try await VHDXBytes.written()
        let header = Array(image.bytes[VHDXBytes.headers[1]..<(VHDXBytes.headers[1] + 4096)])
        image.set(header, at: VHDXBytes.headers[0])
        #expect(try await ImageSamples.check(image.bytes, as: "vhdx").isSound)
        let isSame = try await ImageSamples.areEqual(ImageSamples.read(image.bytes, as: "vhdx"), ImageSamples.disk)
        #expect(isSame)
    }

    @Test("the second region table is used when the first is damaged, and the facts say so")
    func secondRegionTable() async throws {
        var image = try await VHDXBytes.written()
        image.bytes[VHDXBytes.regionTables[0] + 4] ^= 1
        let facts = try await ImageSamples.open(image.bytes, as: "vhdx").facts
        #expect(facts.remarks.count == 1)
        #expect(facts.remarks.first?.hasSuffix("the second one is used") == true)
    }
}
