import Engine
import EngineContracts
import Testing

@testable import Codecs

@Suite("VMDKs that others write are read")
struct VMDKReadingTests {
    private static let grain = SampleBytes.text(65_536, seed: 21)

    private static func descriptor(
        _ type: String, _ extents: [String], id: String = "12345678", parent: String = "ffffffff", more: [String] = []
    ) -> [UInt8] {
        let lines =
            [
                "# Disk DescriptorFile", "version=1", "CID=\(id)", "parentCID=\(parent)", "createType=\"\(type)\"",
            ] + more + extents + ["ddb.adapterType = \"lsilogic\"", "ddb.virtualHWVersion = \"13\""]
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }

    private func folder(_ files: [String: [UInt8]]) -> MemoryImages {
        let folder = MemoryImages()
        for (name, bytes) in files { folder[name] = bytes }
        return folder
    }

    private func error(
        of files: [String: [UInt8]], _ kind: EngineError.Kind, _ text: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let folder = folder(files)
        let error = await #expect(throws: EngineError.self, sourceLocation: sourceLocation) {
            _ = try await VMDKSamples.read(folder)
        }
        #expect(error?.kind == kind, "\(String(describing: error))", sourceLocation: sourceLocation)
        #expect(
            error?.description.contains(text) == true, "\(String(describing: error))", sourceLocation: sourceLocation)
        #expect(try await !VMDKSamples.check(folder).isSound, sourceLocation: sourceLocation)
    }

    // MARK: Descriptors

    @Test("flat extents with offsets, zeros and Windows' line ends are joined in order")
    func extents() async throws {
        let text = String(
            decoding: Self.descriptor(
                "twoGbMaxExtentFlat",
                ["rw 128 flat \"a.vmdk\" 1", "RW 128 ZERO", "RDONLY 1 FLAT \"b.vmdk\" 0"]), as: UTF8.self)
        let windows = Array(text.split(separator: "\n").joined(separator: "\r\n").utf8) + [0, 0, 0]
        let folder = folder([
            "disk.vmdk": windows, "a.vmdk": [UInt8](repeating: 9, count: 512) + Self.grain,
            "b.vmdk": [UInt8](repeating: 7, count: 600),
        ])
        let isSame =
            try await VMDKSamples.read(folder)
            == Self.grain + [UInt8](repeating: 0, count: 65_536) + [UInt8](repeating: 7, count: 512)
        #expect(isSame)
    }

    @Test("a file without sectors has no grains, whatever it says of their size")
    func noSectors() async throws {
        var fields = ImageFields(VMDKHeader(capacity: 0, isStream: false).bytes)
        fields.setLittle(UInt64(0), at: 20)
        fields.setLittle(UInt64(1), at: 56)
        let part = fields.bytes + [UInt8](repeating: 0, count: 4096)
        try await error(of: ["disk.vmdk": part], .corrupt, "holds no sectors")
        try await error(
            of: ["disk.vmdk": Self.descriptor("monolithicSparse", ["RW 0 SPARSE \"a.vmdk\""]), "a.vmdk": part],
            .corrupt, "holds no sectors")
    }

    @Test("what is encrypted, a device or unknown is refused by name")
    func refused() async throws {
        let flat = ["RW 1 FLAT \"a.vmdk\" 0"]
        try await error(
            of: ["disk.vmdk": Self.descriptor("monolithicFlat", flat, more: ["encryption.keySafe = \"vmware:key/x\""])],
            .unsupported, "encrypted")
        try await error(
            of: ["disk.vmdk": Self.descriptor("vmfs", flat, more: ["ddb.iofilters = \"vmwarevmcrypt\""])], .unsupported,
            "encrypted by vSphere")
        try await error(
            of: ["disk.vmdk": Self.descriptor("fullDevice", ["RW 1 FLAT \"/dev/sda\" 0"])], .unsupported, "fullDevice")
        try await error(
            of: ["disk.vmdk": Self.descriptor("vmfsRDM", ["RW 1 VMFSRDM \"a.vmdk\""])], .unsupported, "VMFSRDM")
        try await error(
            of: [
                "disk.vmdk": Self.descriptor("monolithicFlat", ["NOACCESS 1 FLAT \"a.vmdk\" 0"]), "a.vmdk": Self.grain,
            ],
            .unsupported, "may not be accessed")
    }

    @Test("descriptors that make no sense are `corrupt`")
    func senseless() async throws {
        try await error(of: ["disk.vmdk": Self.descriptor("monolithicFlat", [])], .corrupt, "no extents")
        for line in ["RW x FLAT \"a\" 0", "RW 1 FLAT", "RW 1 FLAT \"a", "RW 99999999999999999999 FLAT \"a\" 0"] {
            try await error(of: ["disk.vmdk": Self.descriptor("monolithicFlat", [line])], .corrupt, "`RW")
        }
        let many = [String](repeating: "RW 2199023255552 ZERO", count: 3)
        try await error(of: ["disk.vmdk": Self.descriptor("monolithicFlat", many)], .corrupt, "1 PiB")
        try await error(of: ["disk.vmdk": [1, 2, 3, 4, 5, 6, 7, 8, 9]], .corrupt, "neither")
        try await error(
            of: ["disk.vmdk": Self.descriptor("monolithicFlat", ["RW 1 FLAT \"../a.vmdk\" 0"])], .denied, "../a.vmdk")
    }

    // MARK: Snapshots

    /// A sparse file of one grain table with the grains given.
    private static func sparse(_ grains: [Int: UInt32], of count: Int, zeroed: Bool = false) -> [UInt8] {
        var header = VMDKHeader(capacity: UInt64(count) * 128, isStream: false)
        header.flags = zeroed ? [.newlineTest, .zeroedGrains] : [.newlineTest]
        header.version = zeroed ? 2 : 1
        header.directory = 1
        var fields = ImageFields(count: 65_536)
        fields.set(header.bytes, at: 0)
        fields.setLittle(2 as UInt32, at: 512)
        for (number, entry) in grains { fields.setLittle(entry, at: 1024 + 4 * number) }
        return fields.bytes + grain
    }

    private static let base = descriptor("monolithicFlat", ["RW 384 FLAT \"base-flat.vmdk\" 0"], id: "aaaa0001")
    private static let baseData = SampleBytes.random(3 * 65_536, seed: 22)

    private func delta(parent: String, hint: String) -> [String: [UInt8]] {
        [
            "disk.vmdk": Self.descriptor(
                "twoGbMaxExtentSparse", ["RW 384 SPARSE \"delta.vmdk\""], parent: parent,
                more: ["parentFileNameHint=\"\(hint)\""]),
            "delta.vmdk": Self.sparse([1: 128, 2: 1], of: 3, zeroed: true), "base.vmdk": Self.base,
            "base-flat.vmdk": Self.baseData,
        ]
    }

    @Test("a snapshot is read over its parent, zeroed grains too", arguments: ["base.vmdk", "C:\\vm\\base.vmdk"])
    func snapshot(_ hint: String) async throws {
        let folder = folder(delta(parent: "aaaa0001", hint: hint))
        let wanted = Self.baseData.prefix(65_536) + Self.grain + [UInt8](repeating: 0, count: 65_536)
        let isSame = try await VMDKSamples.read(folder) == Array(wanted)
        #expect(isSame)
        let image = try await VMDKSamples.format().open(folder.storage("disk.vmdk"))
        #expect(image.facts.parents == ["base.vmdk"])
        #expect(
            try await image.extents(in: ByteRange(0, image.size)).map(\.isZero) == [false, true])
    }

    @Test("a parent that was changed, or is not there, is refused")
    func wrongParent() async throws {
        try await error(of: delta(parent: "aaaa0002", hint: "base.vmdk"), .corrupt, "aaaa0002")
        try await error(of: delta(parent: "aaaa0001", hint: "other.vmdk"), .notFound, "other.vmdk")
        try await error(of: delta(parent: "12345678", hint: "disk.vmdk"), .unsupported, "parents")
    }

    @Test("a snapshot of ESX before VMFS 6 is read over its parent")
    func cowd() async throws {
        var fields = ImageFields(count: 512 * 40)
        fields.set("COWD", at: 0)
        for (place, value) in [4: 1, 8: 3, 12: 384, 16: 1, 20: 4, 24: 1, 28: 40] as [Int: UInt32] {
            fields.setLittle(value, at: place)
        }
        fields.setLittle(5 as UInt32, at: 4 * 512)
        fields.setLittle(38 as UInt32, at: 5 * 512 + 4 * 7)
        fields.setLittle(39 as UInt32, at: 5 * 512 + 4 * 8)
        fields.set([UInt8](repeating: 0x55, count: 1024), at: 38 * 512)
        let folder = folder([
            "disk.vmdk": Self.descriptor(
                "vmfsSparse", ["RW 384 VMFSSPARSE \"disk-delta.vmdk\""], parent: "aaaa0001",
                more: ["parentFileNameHint=\"base.vmdk\""]),
            "disk-delta.vmdk": fields.bytes, "base.vmdk": Self.base, "base-flat.vmdk": Self.baseData,
        ])
        var wanted = Self.baseData
        wanted.replaceSubrange((7 * 512)..<(9 * 512), with: [UInt8](repeating: 0x55, count: 1024))
        let isSame = try await VMDKSamples.read(folder) == wanted
        #expect(isSame)
        #expect(try await VMDKSamples.check(folder).isSound)
        let alone = await #expect(throws: EngineError.self) {
            _ = try await VMDKSamples.read(folder, "disk-delta.vmdk")
        }
        #expect(alone?.kind == .unsupported)
    }

    /// A snapshot on VMFS 6 of 384 sectors with one grain, one zeroed and one given back.
    private static func seSparse(dirty: Bool = false) -> [UInt8] {
        var fields = ImageFields(count: 512 * 90)
        let values: [Int: UInt64] = [
            0: 0xCAFE_BABE, 8: 0x2_0000_0001, 16: 384, 24: 8, 32: 64, 80: 1, 88: 1, 128: 2, 136: 1, 144: 3, 152: 64,
            192: 68, 200: 8,
        ]
        for (place, value) in values { fields.setLittle(value, at: place) }
        fields.setLittle(0xCAFE_CAFE as UInt64, at: 512)
        if dirty { fields.setLittle(1 as UInt64, at: 512 + 24) }
        fields.setLittle(0x1000_0000_0000_0000 as UInt64, at: 2 * 512)
        fields.setLittle(0x3001_0000_0000_0000 as UInt64, at: 3 * 512 + 8)
        fields.setLittle(0x2000_0000_0000_0000 as UInt64, at: 3 * 512 + 16)
        fields.setLittle(0x1000_0000_0000_0000 as UInt64, at: 3 * 512 + 24)
        fields.set([UInt8](repeating: 0x66, count: 4096), at: 68 * 512 + 4096)
        return fields.bytes
    }

    private func seSparse(dirty: Bool) -> [String: [UInt8]] {
        [
            "disk.vmdk": Self.descriptor(
                "seSparse", ["RW 384 SESPARSE \"disk-sesparse.vmdk\""], parent: "aaaa0001",
                more: ["parentFileNameHint=\"base.vmdk\""]),
            "disk-sesparse.vmdk": Self.seSparse(dirty: dirty), "base.vmdk": Self.base, "base-flat.vmdk": Self.baseData,
        ]
    }

    @Test("a snapshot on VMFS 6 is read over its parent; one that was not closed is refused")
    func seSparse() async throws {
        let folder = folder(seSparse(dirty: false))
        var wanted = Self.baseData
        wanted.replaceSubrange(4096..<8192, with: [UInt8](repeating: 0x66, count: 4096))
        wanted.replaceSubrange(8192..<16_384, with: [UInt8](repeating: 0, count: 8192))
        let isSame = try await VMDKSamples.read(folder) == wanted
        #expect(isSame)
        #expect(try await VMDKSamples.check(folder).isSound)
        try await error(of: seSparse(dirty: true), .unsupported, "journal")
    }

    // MARK: Streams

    @Test("markers of progress, and a last grain that is not filled up, are taken")
    func markers() async throws {
        let (folder, _) = try await VMDKSamples.written(VMDKSamples.disk(65_536 + 512))
        var parts = VMDKParts(bytes: try #require(folder["disk.vmdk"]))
        let last = Array(VMDKSamples.disk(65_536 + 512).suffix(512))
        let output = Buffer(capacity: DeflateEncoder.bound(512))
        let count = try DeflateEncoder(.fast, .zlib).encode(last.span.bytes, into: output)
        let place = parts.grain(1)
        parts.set(UInt32(count), at: place + 8)
        parts.bytes.replaceSubrange((place + 12)..<(place + 12 + count), with: output.array)
        // What the grain leaves free is filled by markers of progress.
        for start in stride(from: place + (12 + count + 511) / 512 * 512, to: parts.table - 512, by: 512) {
            parts.bytes.replaceSubrange(start..<(start + 512), with: VMDKMarker.sector(.progress, sectors: 0))
        }
        folder["disk.vmdk"] = parts.bytes
        let isSame = try await VMDKSamples.read(folder) == VMDKSamples.disk(65_536 + 512)
        #expect(isSame)
        #expect(try await VMDKSamples.check(folder).isSound)
    }

    @Test("any part of a stream is read alike", arguments: ["streamOptimized", "monolithicSparse"])
    func parts(_ variant: String) async throws {
        let disk = VMDKSamples.disk(3 << 20)
        let (folder, _) = try await VMDKSamples.written(disk, ["variant": variant])
        let image = try await VMDKSamples.format().open(folder.storage("disk.vmdk"))
        for (start, count) in [
            (1, 1), (65_535, 2), (100_000, 300_000), (512, 65_536), ((3 << 20) - 7, 7), (0, 3 << 20),
        ] {
            let buffer = Buffer(capacity: count)
            try await image.read(ByteRange(start: UInt64(start), count: UInt64(count)), into: buffer)
            let isSame = buffer.array.elementsEqual(disk[start..<(start + count)])
            #expect(isSame, "\(count) bytes at \(start)")
        }
    }

    @Test("files are recognized by their beginning")
    func recognition() async throws {
        let folder = folder([
            "a": Self.base, "b": Self.sparse([:], of: 3), "c": Self.seSparse(), "d": Array("COWD    ".utf8),
            "e": Self.grain, "f": [], "g": Array("version=1\nCID=1\ncreateType=\"vmfs\"\n".utf8),
        ])
        var found: [String] = []
        for name in folder.names
        where try await VMDKSamples.format().recognition(of: folder.storage(name)) == .certain {
            found.append(name)
        }
        #expect(found == ["a", "b", "c", "d", "g"])
    }
}
