import Engine
import EngineContracts
import Testing

@testable import Codecs

@Suite("VMDKs are written and read")
struct VMDKRoundTripTests {
    static let variants = VMDKImage.variants.map(\.name)

    @Test(
        "each variant holds the same disk, and nothing is wrong with it", arguments: variants,
        [512, 65_536, 65_536 + 512, (3 << 20) + 512, 40 << 20])
    func roundTrip(_ variant: String, _ size: Int) async throws {
        let disk = VMDKSamples.disk(size)
        let (folder, written) = try await VMDKSamples.written(disk, ["variant": variant])
        let isSame = try await VMDKSamples.read(folder) == disk
        #expect(isSame)
        #expect(try await VMDKSamples.check(folder).violations == [])
        #expect(written.diskSize == UInt64(size) && written.remarks.isEmpty)
        let files = folder.names.filter { $0 != "raw" }.compactMap { folder[$0]?.count }
        #expect(written.fileSize == UInt64(files.reduce(0, +)))
    }

    @Test("an empty disk takes no grains", arguments: variants)
    func empty(_ variant: String) async throws {
        let disk = [UInt8](repeating: 0, count: 5 << 20)
        let (folder, written) = try await VMDKSamples.written(disk, ["variant": variant])
        let isSame = try await VMDKSamples.read(folder) == disk
        #expect(isSame)
        #expect(try await VMDKSamples.check(folder).violations == [])
        if !variant.hasSuffix("Flat"), variant != "vmfs" { #expect(written.fileSize < 100_000) }
        let image = try await VMDKSamples.format().open(folder.storage("disk.vmdk"))
        #expect(try await image.extents(in: ByteRange(0, image.size)).allSatisfy(\.isZero))
    }

    @Test("a disk that is no multiple of a sector is extended, and says so", arguments: variants)
    func oddSize(_ variant: String) async throws {
        let disk = VMDKSamples.disk(100_001)
        let (folder, written) = try await VMDKSamples.written(disk, ["variant": variant])
        #expect(written.diskSize == 100_352)
        #expect(written.remarks == ["the disk was extended by 351 bytes of zeros"])
        let isSame = try await VMDKSamples.read(folder) == disk + [UInt8](repeating: 0, count: 351)
        #expect(isSame)
    }

    @Test("a pipe gets the same disk, front to back", arguments: VMDKImage.variants.filter(\.canStream).map(\.name))
    func stream(_ variant: String) async throws {
        let disk = VMDKSamples.disk()
        let (folder, _) = try await VMDKSamples.written(disk, ["variant": variant], isStream: true)
        let isSame = try await VMDKSamples.read(folder) == disk
        #expect(isSame)
        #expect(try await VMDKSamples.check(folder).violations == [])
    }

    @Test("several files do not go into a pipe", arguments: VMDKImage.variants.filter { !$0.canStream }.map(\.name))
    func noStream(_ variant: String) async throws {
        let error = await #expect(throws: EngineError.self) {
            _ = try await VMDKSamples.written(VMDKSamples.disk(65_536), ["variant": variant], isStream: true)
        }
        #expect(error?.kind == .unsupported)
    }

    @Test("the same id gives the same files; another one other ids alone", arguments: variants)
    func deterministic(_ variant: String) async throws {
        let disk = VMDKSamples.disk(3 << 20)
        let (one, _) = try await VMDKSamples.written(disk, ["variant": variant])
        let (two, _) = try await VMDKSamples.written(disk, ["variant": variant])
        let (other, _) = try await VMDKSamples.written(
            disk, ["variant": variant, "id": "00000000-0000-4000-8000-000000000001"])
        #expect(one.names == two.names)
        for name in one.names {
            let isSame = one[name] == two[name]
            #expect(isSame, "\(name)")
        }
        let isOther = one["disk.vmdk"] != other["disk.vmdk"]
        #expect(isOther)
    }

    @Test("more effort makes streams smaller")
    func efforts() async throws {
        let disk = VMDKSamples.disk(3 << 20)
        var sizes: [UInt64] = []
        for effort in ["fast", "balanced", "small"] {
            let (folder, written) = try await VMDKSamples.written(disk, ["compression": effort])
            let isSame = try await VMDKSamples.read(folder) == disk
            #expect(isSame)
            sizes.append(written.fileSize)
        }
        #expect(sizes == sizes.sorted(by: >))
    }

    @Test("a split disk continues where a file ends")
    func split() async throws {
        let folder = MemoryImages()
        let size = VMDKLayout.splitSectors * 512 + 3 * 65_536
        let disk = SparseDisk(size: size, islands: [VMDKLayout.splitSectors * 512 - 70_000: 200_000, size - 512: 512])
        let destination = folder.destination("disk.vmdk")
        let written = try await VMDKSamples.format(["variant": "twoGbMaxExtentSparse"])
            .write(disk, to: destination) { _ in }
        try await destination.commit()
        #expect(written.diskSize == size)
        #expect(folder.names == ["disk-s001.vmdk", "disk-s002.vmdk", "disk.vmdk"])
        let image = try await VMDKSamples.format().open(folder.storage("disk.vmdk"))
        #expect(image.size == size)
        let around = ByteRange(VMDKLayout.splitSectors * 512 - 100_000, size)
        let (mine, theirs) = (Buffer(capacity: Int(around.count)), Buffer(capacity: Int(around.count)))
        try await image.read(around, into: mine)
        try await disk.read(around, into: theirs)
        let isSame = mine.array == theirs.array
        #expect(isSame)
        #expect(try await VMDKSamples.check(folder).violations == [])
    }

    @Test("the descriptor says what was asked for")
    func descriptor() async throws {
        let settings = ["variant": "monolithicFlat", "adapter-type": "ide", "hardware-version": "19"]
        let (folder, _) = try await VMDKSamples.written(VMDKSamples.disk(65_536), settings)
        let text = String(decoding: try #require(folder["disk.vmdk"]), as: UTF8.self)
        #expect(text.hasPrefix("# Disk DescriptorFile\nversion=1\n"))
        for line in [
            "createType=\"monolithicFlat\"", "RW 128 FLAT \"disk-flat.vmdk\" 0", "ddb.adapterType = \"ide\"",
            "ddb.virtualHWVersion = \"19\"", "ddb.geometry.heads = \"16\"", "parentCID=ffffffff",
        ] { #expect(text.contains(line + "\n"), "\(line)") }
        let image = try await VMDKSamples.format().open(folder.storage("disk.vmdk"))
        #expect(image.facts.variant == "monolithicFlat")
        #expect(image.facts.details.contains(ImageFacts.Detail("adapter type", "ide")))
    }

    @Test("the descriptor of a disk for ESXi names its file without an offset")
    func vmfs() async throws {
        let (folder, _) = try await VMDKSamples.written(
            VMDKSamples.disk(65_536), ["variant": "vmfs", "adapter-type": "pvscsi"])
        let text = String(decoding: try #require(folder["disk.vmdk"]), as: UTF8.self)
        #expect(text.contains("RW 128 VMFS \"disk-flat.vmdk\"\n"))
        #expect(text.contains("ddb.adapterType = \"lsilogic\"\n"))
        #expect(text.contains("ddb.thinProvisioned = \"1\"\n"))
    }

    @Test("a disk that does not fit is refused before anything is written")
    func tooLarge() async throws {
        let folder = MemoryImages()
        for (variant, size) in [("monolithicSparse", (2 << 40) + 512), ("streamOptimized", 0)] as [(String, UInt64)] {
            let error = await #expect(throws: EngineError.self) {
                _ = try await VMDKSamples.format(["variant": variant])
                    .write(SparseDisk(size: size, islands: [:]), to: folder.destination("disk.vmdk")) { _ in }
            }
            #expect(error?.kind == .unsupported)
        }
    }

    @Test("a stream of two tebibytes with little in it is little")
    func large() async throws {
        let folder = MemoryImages()
        let size: UInt64 = 2 << 40
        let disk = SparseDisk(size: size, islands: [0: 1000, size / 2: 70_000, size - 512: 512])
        let destination = folder.destination("disk.vmdk", isStream: true)
        let written = try await VMDKSamples.format().write(disk, to: destination) { _ in }
        try await destination.commit()
        #expect(written.fileSize < 1 << 20)
        let image = try await VMDKSamples.format().open(folder.storage("disk.vmdk"))
        #expect(image.size == size)
        let end = Buffer(capacity: 512)
        try await image.read(ByteRange(size - 512, size), into: end)
        #expect(end.array.contains { $0 != 0 })
        #expect(try await VMDKSamples.check(folder).violations == [])
    }

    @Test(
        "wrong settings are refused by name",
        arguments: [
            ("variant", "vmfsSparse"), ("adapter-type", "sata"), ("hardware-version", "0"), ("compression", "huge"),
            ("id", "7"), ("thin", "perhaps"),
        ])
    func settings(_ key: String, _ value: String) {
        let error = #expect(throws: EngineError.self) { _ = try VMDKSamples.format([key: value]) }
        #expect(error?.kind == .configuration)
        #expect(error?.description.contains("`\(key)`") == true)
    }
}
