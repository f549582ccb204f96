import Testing

@testable import Engine

/// The reader of ext2, ext3 and ext4 against file systems of `mke2fs`.
@Suite("ext", .enabled(if: Tool.has("mke2fs")))
struct ExtFileSystemTests {
    struct Kind: Sendable, CustomTestStringConvertible {
        let type: String
        var features = ""
        var words: [String] = []
        var testDescription: String { ([type, features] + words).joined(separator: " ") }
    }

    static let kinds = [
        Kind(type: "ext2"), Kind(type: "ext3"), Kind(type: "ext4"), Kind(type: "ext4", features: "inline_data"),
        Kind(type: "ext4", features: "64bit,metadata_csum", words: ["-b", "4096"]),
        Kind(type: "ext3", words: ["-b", "1024"]), Kind(type: "ext4", words: ["-b", "1024", "-I", "128"]),
        Kind(type: "ext2", words: ["-b", "4096", "-r", "0"]),
    ]

    @Test("every file is read as it was written", arguments: kinds)
    func files(kind: Kind) async throws {
        let folder = GuestFolder()
        let files = Self.samples
        for (path, bytes) in files { try folder.file(path, bytes) }
        try folder.link("/short", to: "etc/fstab").link("/absolute", to: "/deep/er/and/er/text")
            .link("/long", to: String(repeating: "./", count: 60) + "etc/fstab").link("/loop", to: "/loop")
        let image = try folder.ext(kind.type, mebibytes: 24, features: kind.features, words: kind.words)
        let tree = try await Self.open(image)
        for (path, bytes) in files {
            let file = try #require(try await tree.file(path), "\(path)")
            #expect(try await file.bytes(limit: 16 << 20) == bytes, "\(path)")
        }
        #expect(try await tree.text("/short") == "fstab")
        #expect(try await tree.text("/long") == "fstab")
        #expect(try await tree.text("/absolute") == "text")
        #expect(try await tree.node("/loop") == nil)
        #expect(try await tree.node("/none/at/all") == nil)
        #expect(try await tree.names(in: "/many").count == 1500)
        #expect(try await tree.names(in: "/deep/er/and") == ["er"])
        #expect(tree.files.needsRecovery == false)
    }

    @Test("a part of a file is what stands there, holes and end included")
    func parts() async throws {
        let folder = GuestFolder()
        let bytes = Self.noise(3_000_001)
        try folder.file("/file", bytes)
        let tree = try await Self.open(try folder.ext())
        let file = try #require(try await tree.file("/file"))
        for (offset, count) in [(0, 1), (1_000_000, 70_000), (2_999_999, 50), (3_000_001, 5), (0, 3_000_001)] {
            let part = try await file.bytes(at: UInt64(offset), count: count)
            #expect(part == Array(bytes[offset..<min(bytes.count, offset + count)]))
        }
    }

    @Test("changes in the journal are told of")
    func journal() async throws {
        var image = try GuestFolder().ext()
        image[1024 + 96] |= 4
        let tree = try await Self.open(image)
        #expect(tree.files.needsRecovery)
    }

    @Test("features that are not known are named")
    func features() async throws {
        var image = try GuestFolder().ext()
        image[1024 + 98] |= 0x80
        await #expect {
            _ = try await Self.open(image)
        } throws: { error in
            (error as? EngineError)?.kind == .unsupported && "\(error)".contains("0x800000")
        }
    }

    static func open(_ image: [UInt8]) async throws -> GuestTree {
        let disk = InspectedDisk(PiecedDisk(image), name: "scsi.0")
        let volume = GuestVolume("the volume", on: disk, ByteRange(0, disk.size))
        return GuestTree(try await ExtFileSystem.open(volume))
    }

    private static var samples: [String: [UInt8]] {
        var files: [String: [UInt8]] = [
            "/etc/fstab": Array("fstab".utf8), "/deep/er/and/er/text": Array("text".utf8), "/empty": [],
            "/inline": noise(100), "/block": noise(4096), "/large": noise(5_000_000), "/Grüße": Array("hallo".utf8),
            "/sparse": noise(4096) + [UInt8](repeating: 0, count: 400_000) + noise(5000),
        ]
        for number in 0..<1500 { files["/many/a rather long name of a file, number \(number)"] = [] }
        return files
    }

    static func noise(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) | 1 }
    }
}
