import Engine
import EngineContracts
import Testing

@testable import Codecs

@Suite("Damages of VMDKs are named")
struct VMDKDamageTests {
    /// A change to a file, and a part of what is said of it.
    struct Damage: Sendable, CustomTestStringConvertible {
        let name: String
        let variant: String
        let finding: String
        /// Whether the disk cannot be read, or not as it was: nil where it can.
        var reading: EngineError.Kind?
        let change: @Sendable (inout VMDKParts) -> Void

        var testDescription: String { "\(variant): \(name)" }
    }

    static let sparse: [Damage] = [
        Damage(name: "grain entry past the end", variant: "monolithicSparse", finding: "ends behind", reading: .corrupt)
        {
            $0.set(0xFFFF_0000 as UInt32, at: $0.entry(1))
            $0.set(0xFFFF_0000 as UInt32, at: $0.redundantEntry(1))
        },
        Damage(name: "two grains overlap", variant: "monolithicSparse", finding: "overlaps another") {
            let other = $0.word(at: $0.entry(0))
            $0.set(other, at: $0.entry(1))
            $0.set(other, at: $0.redundantEntry(1))
        },
        Damage(name: "two grains overlap in part", variant: "monolithicSparse", finding: "overlaps another") {
            let other = $0.word(at: $0.entry(0)) + 8
            $0.set(other, at: $0.entry(1))
            $0.set(other, at: $0.redundantEntry(1))
        },
        Damage(name: "redundant table differs", variant: "monolithicSparse", finding: "by the redundant one") {
            $0.set(0 as UInt32, at: $0.redundantEntry(1))
        },
        Damage(name: "entry lost", variant: "monolithicSparse", finding: "by the redundant one") {
            $0.set(0 as UInt32, at: $0.entry(1))
        },
        Damage(name: "version 2", variant: "monolithicSparse", finding: "version 2") { $0.bytes[4] = 2 },
        Damage(name: "version 7", variant: "monolithicSparse", finding: "version 7", reading: .unsupported) {
            $0.bytes[4] = 7
        },
        Damage(name: "descriptor names another size", variant: "monolithicSparse", finding: "the header counts") {
            $0.replace("RW \($0.sectors) ", with: "RW \($0.sectors - 1) ")
        },
        Damage(name: "last grain cut short", variant: "monolithicSparse", finding: "cut off", reading: .corrupt) {
            $0.bytes.removeLast(512)
        },
        Damage(name: "grain over the tables", variant: "monolithicSparse", finding: "lies over the tables") {
            $0.set(3 as UInt32, at: $0.entry(1))
            $0.set(3 as UInt32, at: $0.redundantEntry(1))
        },
        Damage(name: "changed as text", variant: "monolithicSparse", finding: "as if it were text") {
            $0.bytes.replaceSubrange(73..<77, with: [0x0A, 0x20, 0x0A, 0x0A])
        },
        Damage(
            name: "directory past the end", variant: "monolithicSparse", finding: "grain directory", reading: .corrupt
        ) {
            $0.set(UInt64.max / 3, at: 56)
        },
        Damage(name: "table past the end", variant: "monolithicSparse", finding: "ends behind", reading: .corrupt) {
            $0.set(0x7FFF_FFFF as UInt32, at: $0.directory)
        },
        Damage(name: "one table twice", variant: "monolithicSparse", finding: "another one's too") {
            $0.set($0.word(at: $0.directory), at: $0.directory + 4)
        },
        Damage(name: "not closed", variant: "monolithicSparse", finding: "was not closed") { $0.bytes[72] = 1 },
        Damage(name: "a capacity beyond all", variant: "monolithicSparse", finding: "claims", reading: .corrupt) {
            $0.set(UInt64.max, at: 12)
        },
        Damage(
            name: "grains of an odd size", variant: "monolithicSparse", finding: "not supported", reading: .unsupported
        ) {
            $0.set(100 as UInt64, at: 20)
        },
        Damage(
            name: "unknown compression", variant: "monolithicSparse", finding: "compression 9", reading: .unsupported
        ) {
            $0.bytes[77] = 9
        },
        Damage(name: "no content id", variant: "monolithicSparse", finding: "no `CID`") {
            $0.replace("\nCID=", with: "\nXID=")
        },
        Damage(name: "another extent's file", variant: "monolithicSparse", finding: "names the file") {
            $0.replace("\"disk.vmdk\"", with: "\"dixk.vmdk\"")
        },
    ]

    static let streams: [Damage] = [
        Damage(name: "a bit of deflate data flipped", variant: "streamOptimized", finding: "damaged", reading: .corrupt)
        {
            $0.bytes[$0.grain(1) + 12 + 100] ^= 4
        },
        Damage(name: "marker of another sector", variant: "streamOptimized", finding: "damaged", reading: .corrupt) {
            $0.set(128 * 77 as UInt64, at: $0.grain(1))
        },
        Damage(name: "two grains swapped", variant: "streamOptimized", finding: "damaged", reading: .corrupt) {
            let (one, two) = ($0.word(at: $0.entry(0)), $0.word(at: $0.entry(1)))
            $0.set(two, at: $0.entry(0))
            $0.set(one, at: $0.entry(1))
        },
        Damage(
            name: "no marker for the end", variant: "streamOptimized", finding: "end of the stream", reading: .corrupt
        ) {
            $0.bytes.removeLast(512)
        },
        Damage(
            name: "a sector behind the end", variant: "streamOptimized", finding: "512 bytes follow", reading: .corrupt
        ) {
            $0.bytes += [UInt8](repeating: 0, count: 512)
        },
        Damage(name: "table's marker overwritten", variant: "streamOptimized", finding: "marker for the grain table") {
            $0.bytes.replaceSubrange(($0.table - 512)..<$0.table, with: [UInt8](repeating: 0, count: 512))
        },
        Damage(name: "version 1", variant: "streamOptimized", finding: "too old for ESXi") {
            $0.bytes[4] = 1
            $0.bytes[$0.footer + 4] = 1
        },
        Damage(name: "entry lost", variant: "streamOptimized", finding: "the tables do not name it") {
            $0.set(0 as UInt32, at: $0.entry(1))
        },
        Damage(name: "footer of another disk", variant: "streamOptimized", finding: "does not fit", reading: .corrupt) {
            $0.set(128 as UInt64, at: $0.footer + 12)
        },
        Damage(name: "cut off in the middle", variant: "streamOptimized", finding: "cut off", reading: .corrupt) {
            $0.bytes.removeLast($0.bytes.count / 2 / 512 * 512)
        },
        Damage(name: "directory's marker overwritten", variant: "streamOptimized", finding: "for the grain directory") {
            let place = $0.directory - 512
            $0.bytes[place + 12] = 9
        },
        Damage(name: "a grain too large", variant: "streamOptimized", finding: "too many", reading: .corrupt) {
            $0.set(0x0FFF_FFFF as UInt32, at: $0.grain(1) + 8)
        },
    ]

    @Test("each damage is named, and reading gives an error or the disk", arguments: sparse + streams)
    func damage(_ damage: Damage) async throws {
        let disk = VMDKSamples.disk()
        let (folder, _) = try await VMDKSamples.written(disk, ["variant": damage.variant])
        var parts = VMDKParts(bytes: try #require(folder["disk.vmdk"]))
        damage.change(&parts)
        folder["disk.vmdk"] = parts.bytes
        let check = try await VMDKSamples.check(folder)
        #expect(check.count > 0)
        let text = check.violations.map(\.description).joined(separator: "; ")
        let remarks = try? await VMDKSamples.format().open(folder.storage("disk.vmdk")).facts.remarks
        let isNamed = text.contains(damage.finding) || (remarks ?? []).contains { $0.contains(damage.finding) }
        #expect(isNamed, "\(text)")
        if let kind = damage.reading {
            #expect(!check.isSound)
            let error = await #expect(throws: EngineError.self) { _ = try await VMDKSamples.read(folder) }
            #expect(error?.kind == kind)
        } else {
            _ = try await VMDKSamples.read(folder)
        }
    }

    @Test("a flat file that is cut off, or not there, is named", arguments: ["monolithicFlat", "vmfs"])
    func flat(_ variant: String) async throws {
        let (folder, _) = try await VMDKSamples.written(VMDKSamples.disk(65_536), ["variant": variant])
        folder["disk-flat.vmdk"] = Array(try #require(folder["disk-flat.vmdk"]).dropLast(512))
        #expect(try await VMDKSamples.check(folder).violations.contains { $0.message.contains("cut off") })
        let short = await #expect(throws: EngineError.self) { _ = try await VMDKSamples.read(folder) }
        #expect(short?.kind == .corrupt)
        folder["disk-flat.vmdk"] = nil
        #expect(try await !VMDKSamples.check(folder).isSound)
        let missing = await #expect(throws: EngineError.self) { _ = try await VMDKSamples.read(folder) }
        #expect(missing?.kind == .notFound)
    }
}
