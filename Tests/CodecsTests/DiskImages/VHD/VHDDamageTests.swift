import Engine
import Testing

@testable import Codecs

@Suite("Damages of VHDs are named")
struct VHDDamageTests {
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
        let change: @Sendable (inout VHDBytes) -> Void

        var testDescription: String { "\(variant): \(name)" }
    }

    static let footers: [Damage] = [
        Damage(name: "footer's checksum", variant: "fixed", finding: "wrong checksum", reading: .corrupt) {
            $0.bytes[$0.footer + 64] ^= 1
        },
        Damage(name: "footer missing", variant: "fixed", finding: "no signature", reading: .corrupt) {
            $0.bytes.removeLast(512)
        },
        Damage(name: "a creator of its own", variant: "fixed", finding: "`xmnt` is unknown to some readers") {
            $0.set("xmnt", at: $0.footer + 28)
            $0.seal()
        },
        Damage(name: "a creator of its own", finding: "`xmnt` is unknown to some readers") {
            for footer in [0, $0.footer] { $0.set("xmnt", at: footer + 28) }
            $0.seal()
        },
        Damage(name: "bytes before the footer", variant: "fixed", finding: "a disk of this size has") {
            $0.bytes.insert(contentsOf: [UInt8](repeating: 0, count: 512), at: $0.footer)
        },
        Damage(name: "bytes of the disk missing", variant: "fixed", finding: "the file has", reading: .corrupt) {
            $0.bytes.removeSubrange(0..<4096)
        },
        Damage(name: "a data offset", variant: "fixed", finding: "is not all ones", isError: false) {
            $0.set(512 as UInt64, at: $0.footer + 16)
            $0.seal()
        },
        Damage(name: "an unknown type", variant: "fixed", finding: "disk type 5", reading: .unsupported) {
            $0.set(5 as UInt32, at: $0.footer + 60)
            $0.seal()
        },
        Damage(name: "an unknown version", variant: "fixed", finding: "version 2", reading: .unsupported) {
            $0.set(0x0002_0000 as UInt32, at: $0.footer + 12)
            $0.seal()
        },
        Damage(name: "a size of no whole sectors", variant: "fixed", finding: "whole number", reading: .corrupt) {
            $0.set((8 << 20) - 1 as UInt64, at: $0.footer + 48)
            $0.seal()
        },
        Damage(name: "a size beyond all", variant: "fixed", finding: "cannot be", reading: .corrupt) {
            $0.set(UInt64.max - 511, at: $0.footer + 48)
            $0.seal()
        },
        Damage(name: "no bit for the features", variant: "fixed", finding: "bit 1 of the features", isError: false) {
            $0.set(0 as UInt32, at: $0.footer + 8)
            $0.seal()
        },
        Damage(name: "a temporary disk", variant: "fixed", finding: "temporary", isError: false) {
            $0.set(3 as UInt32, at: $0.footer + 8)
            $0.seal()
        },
        Damage(name: "a saved state", variant: "fixed", finding: "saved state") {
            $0.bytes[$0.footer + 84] = 1
            $0.seal()
        },
        Damage(name: "reserved bytes", variant: "fixed", finding: "reserved bytes", isError: false) {
            $0.bytes[$0.footer + 300] = 1
            $0.seal()
        },
        Damage(name: "no id", variant: "fixed", finding: "id is zero", isError: false) {
            $0.bytes.replaceSubrange(($0.footer + 68)..<($0.footer + 84), with: [UInt8](repeating: 0, count: 16))
            $0.seal()
        },
        Damage(name: "trailing footer's checksum", finding: "the footer has a wrong checksum") {
            $0.bytes[$0.footer + 64] ^= 1
        },
        Damage(name: "trailing footer lost", finding: "the footer has no signature") { $0.bytes.removeLast(512) },
        Damage(name: "copy of the footer differs", finding: "differs from the footer") {
            $0.bytes[68] ^= 1
            $0.seal()
        },
        Damage(name: "copy of the footer lost", finding: "the copy of the footer has no signature") {
            $0.bytes[0] = 0
        },
        Damage(name: "both footers lost", finding: "no signature", reading: .corrupt) {
            $0.bytes[0] = 0
            $0.bytes[$0.footer] = 0
        },
    ]

    static let tables: [Damage] = [
        Damage(name: "header's checksum", finding: "the dynamic header has a wrong checksum", reading: .corrupt) {
            $0.bytes[$0.header + 36] ^= 1
        },
        Damage(name: "header's version", finding: "version 9", reading: .unsupported) {
            $0.set(0x0009_0000 as UInt32, at: $0.header + 24)
            $0.seal()
        },
        Damage(name: "header behind the end", finding: "dynamic header should be at", reading: .corrupt) {
            for footer in [0, $0.footer] { $0.set(1 << 50 as UInt64, at: footer + 16) }
            $0.seal()
        },
        Damage(name: "header's data offset", finding: "data offset is not all ones", isError: false) {
            $0.set(0xFFFF_FFFF as UInt64, at: $0.header + 8)
            $0.seal()
        },
        Damage(name: "blocks of an odd size", finding: "blocks of", reading: .corrupt) {
            $0.set(3 << 20 as UInt32, at: $0.header + 32)
            $0.seal()
        },
        Damage(name: "two entries overlap", finding: "two blocks overlap", isWhole: false) {
            $0.set($0.big($0.entry(0), as: UInt32.self), at: $0.entry(1))
        },
        Damage(name: "two blocks overlap in part", finding: "two blocks overlap", isWhole: false) {
            $0.set($0.big($0.entry(0), as: UInt32.self) + 8, at: $0.entry(1))
        },
        Damage(name: "entry past the end", finding: "ends behind the file's end", reading: .corrupt) {
            $0.set(0x7FFF_FFFF as UInt32, at: $0.entry(1))
        },
        Damage(name: "entry of zero", finding: "lies over the headers", reading: .corrupt) {
            $0.set(0 as UInt32, at: $0.entry(1))
        },
        Damage(name: "block over the table", finding: "lies over the headers or the table", isWhole: false) {
            $0.set(3 as UInt32, at: $0.entry(0))
        },
        Damage(name: "last entry dropped", finding: "belong to no block", isError: false, isWhole: false) {
            $0.set(UInt32.max, at: $0.entry(3))
        },
        Damage(name: "bitmap cleared", finding: "leaves sectors out") {
            $0.bytes.replaceSubrange($0.block(2)..<($0.block(2) + 512), with: [UInt8](repeating: 0, count: 512))
        },
        Damage(name: "one bit of a bitmap cleared", finding: "leaves sectors out") {
            $0.bytes[$0.block(2) + 100] ^= 16
        },
        Damage(name: "one entry too many", finding: "5 table entries for 4 blocks") {
            $0.set(5 as UInt32, at: $0.header + 28)
            $0.seal()
        },
        Damage(name: "too few entries", finding: "3 table entries", reading: .corrupt) {
            $0.set(3 as UInt32, at: $0.header + 28)
            $0.seal()
        },
        Damage(name: "table behind the end", finding: "the block table at", reading: .corrupt) {
            $0.set(UInt64.max - 3, at: $0.header + 16)
            $0.seal()
        },
        Damage(name: "a size that the table does not reach", finding: "table entries for", reading: .corrupt) {
            for footer in [0, $0.footer] { $0.set(1 << 40 as UInt64, at: footer + 48) }
            $0.seal()
        },
        Damage(name: "a footer within the last block", finding: "lies within the last block", isWhole: false) {
            $0.bytes.removeSubrange(($0.footer - 512)..<$0.footer)
        },
    ]

    @Test("each of them, and the disk reads as it was or not at all", arguments: footers + tables)
    func named(_ damage: Damage) async throws {
        var image = try await VHDBytes.written(damage.variant)
        #expect(try await ImageSamples.check(image.bytes, as: "vhd").violations == [])
        damage.change(&image)
        let check = try await ImageSamples.check(image.bytes, as: "vhd")
        #expect(check.violations.contains { $0.message.contains(damage.finding) }, "\(check.violations)")
        #expect(check.isSound != damage.isError, "\(check.violations)")
        if let kind = damage.reading {
            let error = await #expect(throws: EngineError.self) { try await ImageSamples.read(image.bytes, as: "vhd") }
            #expect(error?.kind == kind)
        } else {
            let isSame = try await ImageSamples.areEqual(ImageSamples.read(image.bytes, as: "vhd"), ImageSamples.disk)
            #expect(isSame == damage.isWhole)
        }
    }

    @Test("a footer of 511 bytes, as Virtual PC wrote it before 2004, is read")
    func shortFooter() async throws {
        var image = try await VHDBytes.written("fixed")
        image.bytes.removeLast()
        let isSame = try await ImageSamples.areEqual(ImageSamples.read(image.bytes, as: "vhd"), ImageSamples.disk)
        #expect(isSame)
        let check = try await ImageSamples.check(image.bytes, as: "vhd")
        #expect(check.violations.map { $0.message.contains("has 511 bytes") } == [true])
        #expect(
            try await ImageSamples.format("vhd").recognition(
                of: ImageSamples.folder(["disk": image.bytes]).storage("disk")) == .certain)
    }

    @Test("what XenServer puts behind the table is no part of any block")
    func batmap() async throws {
        var image = try await VHDBytes.written("dynamic")
        image.set("tdbatmap", at: image.block(0) - 1024)
        for footer in [0, image.footer] { image.set("tap\0", at: footer + 28) }
        image.seal()
        let isSame = try await ImageSamples.areEqual(ImageSamples.read(image.bytes, as: "vhd"), ImageSamples.disk)
        #expect(isSame)
        #expect(try await ImageSamples.check(image.bytes, as: "vhd").violations == [])
    }

    @Test("the size is the footer's, whatever the geometry says, unless its maker rounded it and the file is so short")
    func sizes() async throws {
        for (creator, isShort) in [("xmnt", false), ("vpc ", false), ("qemu", true)] {
            var image = try await VHDBytes.written("fixed")
            let rounded = Int(VHDGeometry(sectors: (8 << 20) / 512).sectors * 512)
            image.set(creator, at: image.footer + 28)
            image.seal()
            if isShort { image.bytes.removeSubrange(rounded..<image.footer) }
            let opened = try await ImageSamples.open(image.bytes, as: "vhd")
            #expect(opened.size == UInt64(isShort ? rounded : 8 << 20), "\(creator)")
            #expect(opened.facts.remarks.isEmpty != isShort)
        }
    }

    @Test("a lost footer is replaced by its copy, and the facts say so")
    func copyIsUsed() async throws {
        var image = try await VHDBytes.written("dynamic")
        image.bytes[image.footer + 64] ^= 1
        let facts = try await ImageSamples.open(image.bytes, as: "vhd").facts
        #expect(facts.remarks == ["the footer at the end is damaged: its copy at the beginning is used"])
    }
}
