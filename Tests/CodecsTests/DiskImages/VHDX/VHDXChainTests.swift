import Engine
import Testing

@testable import Codecs

@Suite("VHDXs that differ from parents")
struct VHDXChainTests {
    private static let size = 8 << 20
    private static let middle = ImageID.named("middle")
    private static let top = ImageID.named("top")

    private var baseID: ImageID {
        get throws { VHDXChild.dataWriteID(of: try #require(ImageID(ImageSamples.id))) }
    }

    private func changed(_ disk: [UInt8], _ sectors: [UInt64: UInt8], of size: Int = 512) -> [UInt8] {
        var disk = disk
        for (sector, value) in sectors {
            let start = Int(sector) * size
            disk.replaceSubrange(start..<(start + size), with: [UInt8](repeating: value, count: size))
        }
        return disk
    }

    private func read(_ folder: MemoryImages, _ name: String) async throws -> [UInt8] {
        try await VMDKSamples.read(ImageSamples.format("vhdx").open(folder.storage(name)))
    }

    private func check(_ folder: MemoryImages, _ name: String) async throws -> ImageCheck {
        try await ImageSamples.format("vhdx").check(folder.storage(name))
    }

    @Test("each sector comes from the nearest image that holds it", arguments: ["dynamic", "fixed"], ["1MiB", "8MiB"])
    func sectors(_ variant: String, _ blockSize: String) async throws {
        let disk = ImageSamples.disk
        let first: [UInt64: UInt8] = [0: 1, 1: 2, 7: 3, 8: 4, 2047: 5, 2048: 6, 9000: 7]
        let second: [UInt64: UInt8] = [1: 11, 8: 0, 9: 12, 16_383: 13]
        let folder = ImageSamples.folder([
            "base.vhdx": try await VHDXBytes.written(variant, disk, blockSize: blockSize).bytes,
            "middle.vhdx": try await VHDXChild(id: Self.middle, parent: try baseID, sectors: first).image().bytes,
            "top.vhdx": try await VHDXChild(
                id: Self.top, parent: VHDXChild.dataWriteID(of: Self.middle),
                paths: ["absolute_win32_path": "C:\\disks\\middle.vhdx"], sectors: second, states: [3: 2]
            ).image().bytes,
        ])
        let isMiddle = try await ImageSamples.areEqual(read(folder, "middle.vhdx"), changed(disk, first))
        #expect(isMiddle)
        var wanted = changed(changed(disk, first), second)
        // The child says of a block that it is zeros now.
        wanted.replaceSubrange((3 << 20)..<(4 << 20), with: [UInt8](repeating: 0, count: 1 << 20))
        let isTop = try await ImageSamples.areEqual(read(folder, "top.vhdx"), wanted)
        #expect(isTop)
        let image = try await ImageSamples.format("vhdx").open(folder.storage("top.vhdx"))
        #expect(image.facts.variant == "differencing")
        #expect(image.facts.parents == ["middle.vhdx", "base.vhdx"])
        #expect(try await check(folder, "top.vhdx").violations == [])
        for extent in try await image.extents(in: ByteRange(0, image.size)) where extent.isZero {
            let isZero = ImageSamples.isZero(wanted, extent.range)
            #expect(isZero)
        }
    }

    @Test("sectors of 4096 bytes have bits of their own, and a parent must have the same")
    func largeSectors() async throws {
        let disk = ImageSamples.disk
        let sectors: [UInt64: UInt8] = [0: 1, 7: 2, 8: 3, 255: 4, 256: 5, 2047: 6]
        let child = VHDXChild(id: Self.top, parent: try baseID, sectors: sectors, sectorSize: 4096)
        let folder = ImageSamples.folder([
            "base.vhdx": try await ImageSamples.written(disk, as: "vhdx", ["sector-size": "4096"]),
            "top.vhdx": try await child.image().bytes,
        ])
        let isSame = try await ImageSamples.areEqual(read(folder, "top.vhdx"), changed(disk, sectors, of: 4096))
        #expect(isSame)
        #expect(try await check(folder, "top.vhdx").violations == [])
        folder["base.vhdx"] = try await VHDXBytes.written().bytes
        let error = await #expect(throws: EngineError.self) { try await read(folder, "top.vhdx") }
        #expect(error?.description.contains("do not fit in size") == true)
    }

    @Test("blocks that the child holds whole need no bitmap; partly held ones do")
    func bitmaps() async throws {
        let disk = ImageSamples.disk
        var image = try await VHDXChild(id: Self.top, parent: try baseID, sectors: [0: 1, 2047: 2]).image()
        image.setEntry(0) { $0 & ~7 | 6 }
        image.set(0 as UInt64, at: image.entry(VHDXChild.ratio))
        let folder = ImageSamples.folder([
            "base.vhdx": try await VHDXBytes.written("dynamic", disk).bytes, "top.vhdx": image.bytes,
        ])
        var wanted = disk
        wanted.replaceSubrange(0..<(1 << 20), with: [UInt8](repeating: 0, count: 1 << 20))
        let isSame = try await ImageSamples.areEqual(read(folder, "top.vhdx"), changed(wanted, [0: 1, 2047: 2]))
        #expect(isSame)
        image.setEntry(0) { $0 | 7 }
        folder["top.vhdx"] = image.bytes
        let error = await #expect(throws: EngineError.self) { try await read(folder, "top.vhdx") }
        #expect(error?.kind == .corrupt)
        #expect(error?.description.contains("the sector bitmap of block 0 is missing") == true)
        #expect(try await !check(folder, "top.vhdx").isSound)
    }

    @Test("a parent that was changed, or another disk in its place, is refused with both ids")
    func wrongParent() async throws {
        let folder = ImageSamples.folder([
            "base.vhdx": try await VHDXBytes.written().bytes,
            "top.vhdx": try await VHDXChild(id: Self.top, parent: Self.middle).image().bytes,
        ])
        let error = await #expect(throws: EngineError.self) { try await read(folder, "top.vhdx") }
        #expect(error?.kind == .corrupt)
        #expect(error?.description.contains(Self.middle.description) == true)
        let base = try baseID
        #expect(error?.description.contains(base.description) == true)
        #expect(try await !check(folder, "top.vhdx").isSound)
    }

    @Test("a second linkage counts as the first one does")
    func secondLinkage() async throws {
        let disk = ImageSamples.disk
        let paths = ["relative_path": "base.vhdx", "parent_linkage2": "{\(try baseID)}"]
        let folder = ImageSamples.folder([
            "base.vhdx": try await VHDXBytes.written("dynamic", disk).bytes,
            "top.vhdx": try await VHDXChild(id: Self.top, parent: Self.middle, paths: paths).image().bytes,
        ])
        let isSame = try await ImageSamples.areEqual(read(folder, "top.vhdx"), disk)
        #expect(isSame)
    }

    @Test("a parent that is missing or elsewhere, a loop, and a larger parent are told")
    func missing() async throws {
        let loop = VHDXChild.dataWriteID(of: Self.top)
        func child(_ parent: ImageID, _ path: String, size: Int = Self.size) async throws -> [UInt8] {
            try await VHDXChild(size: size, id: Self.top, parent: parent, paths: ["relative_path": path]).image().bytes
        }
        let folder = ImageSamples.folder([
            "base.vhdx": try await VHDXBytes.written().bytes, "lone.vhdx": try await child(loop, "gone.vhdx"),
            "far.vhdx": try await child(loop, "..\\x\\gone.vhdx"), "loop.vhdx": try await child(loop, "loop.vhdx"),
            "small.vhdx": try await child(baseID, "base.vhdx", size: 4 << 20),
            "none.vhdx": try await VHDXChild(id: Self.top, parent: loop, paths: [:]).image().bytes,
            "kind.vhdx": try await VHDXChild(id: Self.top, parent: loop, locatorKind: Self.middle).image().bytes,
        ])
        let kinds: [(String, EngineError.Kind, String)] = [
            ("lone.vhdx", .notFound, "gone.vhdx"), ("far.vhdx", .denied, "elsewhere"),
            ("loop.vhdx", .unsupported, "more than 64 parents"), ("small.vhdx", .corrupt, "do not fit in size"),
            ("none.vhdx", .notFound, "it names none"), ("kind.vhdx", .unsupported, Self.middle.description),
        ]
        for (name, kind, words) in kinds {
            let error = await #expect(throws: EngineError.self) { try await read(folder, name) }
            #expect(error?.kind == kind, "\(name)")
            #expect(error?.description.contains(words) == true, "\(String(describing: error))")
            let check = try await check(folder, name)
            #expect(!check.isSound, "\(name)")
        }
    }

    @Test("parents are found below the child's folder, and not outside")
    func folders() async throws {
        let (folder, other) = (try QCOW2Folder(), try QCOW2Folder())
        let disk = ImageSamples.disk
        let base = try await VHDXBytes.written("dynamic", disk).bytes
        _ = try QCOW2Folder.run("/bin/mkdir", [folder["below"]])
        try folder.write(base, to: "below/old.vhdx")
        try other.write(base, to: "base.vhdx")
        func open(_ path: String) async throws -> any DiskImage {
            let child = VHDXChild(id: Self.top, parent: try baseID, paths: ["relative_path": path])
            try folder.write(try await child.image().bytes, to: "top.vhdx")
            return try await ImageSamples.format("vhdx").open(FileStorage(folder["top.vhdx"]))
        }
        let isSame = try await ImageSamples.areEqual(VMDKSamples.read(open(".\\below\\old.vhdx")), disk)
        #expect(isSame)
        let outside = "..\\" + other.path.dropFirst("/tmp/".count) + "\\base.vhdx"
        let error = await #expect(throws: EngineError.self) { _ = try await open(outside) }
        #expect(error?.kind == .denied)
    }
}
