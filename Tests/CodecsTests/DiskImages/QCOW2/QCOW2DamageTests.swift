import Engine
import Testing

@Suite("Damages of a qcow2 are named by the check")
struct QCOW2DamageTests {
    struct Damage: Sendable, CustomTestStringConvertible {
        let name: String
        var variant = "plain"
        /// Whether a reader may be hurt by it; otherwise it is told as a warning.
        var isError = true
        /// A part of what is said.
        let says: String
        let change: @Sendable (inout QCOW2Bytes) -> Void
        var testDescription: String { name }
    }

    private static let copied: UInt64 = 1 << 63
    private static func isPacked(_ entry: UInt64) -> Bool { entry >> 62 & 1 == 1 }

    static let damages: [Damage] = header + tables + refcounts

    private static let header: [Damage] = [
        Damage(name: "no signature", says: "signature") { $0.bytes[0] = 0 },
        Damage(name: "version 4", says: "version 4") { $0.bytes[7] = 4 },
        Damage(name: "clusters of 256 bytes", says: "2^8") { $0.bytes[23] = 8 },
        Damage(name: "clusters of 4 MiB", says: "2^22") { $0.bytes[23] = 22 },
        Damage(name: "an unknown incompatible feature", says: "feature 9") { $0.bytes[78] = 2 },
        Damage(name: "dirty", isError: false, says: "not closed") { $0.bytes[79] = 1 },
        Damage(name: "corrupt", says: "marked") { $0.bytes[79] = 2 },
        Damage(name: "subclusters in clusters too small", says: "too small for subclusters") { $0.bytes[79] = 16 },
        Damage(name: "a compression type without its bit", says: "compression type") { $0.bytes[104] = 1 },
        Damage(name: "an unknown compression type", says: "method 9") { $0.bytes[104] = 9 },
        Damage(name: "a header of 96 bytes", says: "96 bytes") { $0.bytes[103] = 96 },
        Damage(name: "a header of 108 bytes", says: "multiple of 8") { $0.bytes[103] = 108 },
        Damage(name: "refcounts of 2^7 bits", says: "2^7") { $0.bytes[99] = 7 },
        Damage(name: "a name outside the first cluster", says: "backing file") { $0[8] = 5000 },
        Damage(name: "a disk larger than its table", says: "too few") { $0[24] = 1 << 40 },
        Damage(name: "a disk of odd bytes", isError: false, says: "whole sectors") { $0[24] = 8 << 20 - 100 },
        Damage(name: "an active table off its cluster", says: "not on a cluster") { $0[40] += 8 },
        Damage(name: "an active table behind the end", says: "behind the file's end") { $0[40] = 1 << 30 },
        Damage(name: "no refcount table", says: "no refcount table") { $0[56] = 0 },
        Damage(name: "a refcount table off its cluster", says: "not on a cluster") { $0[48] += 8 },
        Damage(name: "snapshots that are nowhere", says: "snapshots") {
            $0[56] = $0[56] | 3; $0[64] = 1 << 40
        },
        Damage(name: "bitmaps that are nowhere", says: "bitmaps") { $0[88] = 1 },
        Damage(name: "raw external data without a file", says: "external data") { $0[88] = 2 },
        Damage(name: "an encryption of no kind", says: "encryption method 7") { $0.bytes[35] = 7 },
        Damage(name: "LUKS without a header", says: "encryption") { $0.bytes[35] = 2 },
        Damage(name: "a header extension too long", says: "longer") { $0[112] = 0x6803_F857_FFFF_FFF0 },
        Damage(name: "an unknown header extension", isError: false, says: "unknown") { $0.bytes[112] = 1 },
    ]

    private static let tables: [Damage] = [
        Damage(name: "reserved bits in the first level", says: "reserved bits") { $0[$0.l1] |= 1 << 60 },
        Damage(name: "an L2 table off its cluster", says: "not on a cluster") { $0[$0.l1] += 512 },
        Damage(name: "an L2 table behind the end", says: "behind the file's end") { $0[$0.l1] = copied | 1 << 30 },
        Damage(name: "an L2 table not marked as used once", says: "marked as shared") { $0[$0.l1] &= ~copied },
        Damage(name: "two entries name one L2 table", says: "used 2 times") { $0[$0.l1 + 8] = $0[$0.l1] },
        Damage(name: "an L2 table over the first level", says: "for a table of the first level") {
            $0[$0.l1] = copied | UInt64($0.l1)
        },
        Damage(name: "reserved bits in the second level", says: "reserved bits") { $0[$0.l2] |= 1 << 57 },
        Damage(name: "a cluster off its place", says: "not on a multiple") { $0[$0.l2] += 512 },
        Damage(name: "a cluster behind the end", says: "cut off") { $0[$0.l2] = copied | 1 << 30 },
        Damage(name: "a cluster not marked as used once", says: "marked as shared") { $0[$0.l2] &= ~copied },
        Damage(name: "two entries name one cluster", says: "used 2 times") { $0[$0.l2 + 8] = $0[$0.l2] },
        Damage(name: "a cluster over a table", says: "used for") { $0[$0.l2] = copied | UInt64($0.l2) },
        Damage(name: "a cluster lost", isError: false, says: "nobody uses") { $0[$0.l2] = 0 },
        Damage(name: "a cluster that is nowhere, marked as used", says: "nowhere") { $0[$0.l2] = copied },
        Damage(name: "a zero cluster in version 2", says: "reserved bits") {
            $0.bytes[7] = 2
            $0[$0.l2 + 8 * 200] = 1
        },
        Damage(name: "the file cut off", says: "behind the file's end") { $0.bytes.removeLast($0.bytes.count / 2) },
        Damage(name: "a compressed cluster marked as used once", variant: "zlib", says: "used once") {
            $0[$0.entry(isPacked)] |= copied
        },
        Damage(name: "a compressed cluster behind the end", variant: "zstd", says: "cut off") {
            $0[$0.entry(isPacked)] |= 1 << 40
        },
        Damage(name: "a compressed cluster over the refcounts", variant: "zlib", says: "used for") {
            $0[$0.entry(isPacked)] = 1 << 62 | UInt64($0.refcountTable)
        },
    ]

    private static let refcounts: [Damage] = [
        Damage(name: "reserved bits in the refcount table", says: "reserved bits") { $0[$0.refcountTable] |= 1 },
        Damage(name: "a refcount block behind the end", says: "behind the file's end") {
            $0[$0.refcountTable] = 1 << 30
        },
        Damage(name: "a refcount block lost", says: "used 1 times") { $0[$0.refcountTable] = 0 },
        Damage(name: "a refcount too small", says: "refcount 0") { $0.bytes[$0.refcountBlock + 5] = 0 },
        Damage(name: "a refcount too large", says: "refcount 2") { $0.bytes[$0.refcountBlock + 5] = 2 },
        Damage(name: "a cluster counted that nobody uses", isError: false, says: "nobody uses") {
            $0.bytes += [UInt8](repeating: 0, count: 4096)
            $0.bytes[$0.refcountBlock + ($0.bytes.count / 4096 - 1) * 2 + 1] = 1
        },
        Damage(name: "a refcount behind the end", isError: false, says: "behind the file's end") {
            $0.bytes[$0.refcountBlock + 4095] = 1
        },
    ]

    @Test("each of them", arguments: damages)
    func named(_ damage: Damage) async throws {
        var image = try await QCOW2Bytes.written(damage.variant)
        #expect(try await image.check().violations == [])
        damage.change(&image)
        let check = try await image.check()
        #expect(check.count > 0)
        #expect(check.isSound != damage.isError, "\(check.violations)")
        #expect(check.violations.contains { $0.message.contains(damage.says) }, "\(check.violations)")
    }

    @Test("an unknown feature is refused by the name that the file gives it")
    func featureName() async throws {
        var image = try await QCOW2Bytes.written("plain")
        image.bytes[78] = 2
        image.bytes[121] = 9
        let error = await #expect(throws: EngineError.self) { try await image.read() }
        #expect(error?.kind == .unsupported)
        #expect(error?.description.contains("`dirty bit`") == true)
    }

    @Test("a damaged compressed cluster is corrupt, and told with its place", arguments: ["zlib", "zstd"])
    func packedData(_ variant: String) async throws {
        var image = try await QCOW2Bytes.written(variant)
        let place = Int(image[image.entry(Self.isPacked)] & 0xFF_FFFF)
        for index in 0..<40 { image.bytes[place + index] ^= 0x5A }
        let error = await #expect(throws: EngineError.self) { try await image.read() }
        #expect(error?.kind == .corrupt)
        #expect(error?.description.contains("\(place)") == true)
    }
}
