import Codecs
import Testing

@testable import Engine

/// What is in an initramfs, compressed by the programs that distributions use.
@Suite("Initramfs")
struct InitramfsTests {
    struct Packing: Sendable, CustomTestStringConvertible {
        let name: String
        var words: [String]
        var testDescription: String { name }
    }

    static let packings = [
        Packing(name: "gzip", words: ["-c"]), Packing(name: "zstd", words: ["-q", "-c", "-19"]),
        Packing(name: "lz4", words: ["-q", "-l", "-c"]),
    ]
    static let drivers: Set<String> = ["hv_vmbus", "hv_storvsc", "hv_netvsc"]

    @Test(
        "modules are found in it, behind microcode too", .enabled(if: Tool.has("gzip", "zstd", "lz4")),
        arguments: packings)
    func packed(packing: Packing) async throws {
        let names = ["hv_vmbus", "hv-storvsc", "hv_netvsc"] + (0..<3000).map { "module-\($0)" }
        // Larger than the blocks of lz4 and the steps in which it is read.
        let archive = SampleArchive.newc(SampleArchive.modules(names), contents: ExtFileSystemTests.noise(9000))
        let packed = try GuestFolder().packed(archive, by: packing.name, packing.words)
        for early in [[], SampleArchive.early] {
            let found = try await Self.read(early + packed)
            #expect(found.obstacle == nil)
            #expect(found.modules.isSuperset(of: Self.drivers))
            let all = try await Self.read(early + packed, looksFor: ["none"])
            #expect(all.modules.count == names.count)
            #expect(all.obstacle == nil)
        }
    }

    @Test("an archive that is not compressed is read, and one behind another")
    func plain() async throws {
        let bytes =
            SampleArchive.early + SampleArchive.newc(SampleArchive.modules(["hv_vmbus"]))
            + SampleArchive.newc(SampleArchive.modules(["hv_storvsc"]))
        let found = try await Self.read(bytes)
        #expect(found.modules == ["hv_vmbus", "hv_storvsc"])
        #expect(found.obstacle == nil)
    }

    @Test("an archive of cpio is read", .enabled(if: Tool.has("cpio")))
    func cpio() async throws {
        let folder = GuestFolder()
        try folder.file("/lib/modules/6/kernel/drivers/hv/hv_vmbus.ko.zst", "x").link(
            "/init", to: "usr/lib/systemd/systemd")
        let bytes = try Tool.run(
            "sh", ["-c", "cd \(folder.tree) && find . | cpio -o -H newc --quiet"])
        #expect(try await Self.read(bytes).modules == ["hv_vmbus"])
    }

    @Test("what cannot be unpacked is told", .enabled(if: Tool.has("xz")))
    func unknown() async throws {
        let packed = try GuestFolder().packed(SampleArchive.newc(["a"]), by: "xz", ["-c", "--check=crc32"])
        #expect(try await Self.read(SampleArchive.early + packed).obstacle?.contains("xz") == true)
        #expect(try await Self.read(Array("what is this".utf8)).obstacle != nil)
    }

    @Test("an image within the image is told of")
    func squash() async throws {
        let found = try await Self.read(SampleArchive.newc(["init", "squashfs-root.img"]))
        #expect(found.obstacle != nil)
    }

    @Test("a damaged image is told of", .enabled(if: Tool.has("gzip", "zstd", "lz4")), arguments: packings)
    func damaged(packing: Packing) async throws {
        let archive = SampleArchive.newc(SampleArchive.modules((0..<2000).map { "module-\($0)" }))
        var packed = try GuestFolder().packed(archive, by: packing.name, packing.words)
        for index in stride(from: 40, to: packed.count, by: 97) { packed[index] ^= 0x5A }
        #expect(try await Self.read(packed).obstacle != nil)
    }

    static func read(_ bytes: [UInt8], looksFor wanted: Set<String> = drivers) async throws -> Initramfs {
        try await Initramfs.read(GuestFile(bytes), looksFor: wanted, unpacking: StreamUnpackers.all)
    }
}
