import Engine
import Testing

@testable import Codecs

@Suite("VHDs that differ from parents")
struct VHDChainTests {
    private static let size = 8 << 20
    private static let middle = ImageID.named("middle")
    private static let top = ImageID.named("top")

    private var baseID: ImageID {
        get throws { try #require(ImageID(ImageSamples.id)) }
    }

    /// The disk with sectors filled.
    private func changed(_ disk: [UInt8], _ sectors: [UInt64: UInt8]) -> [UInt8] {
        var disk = disk
        for (sector, value) in sectors {
            let start = Int(sector) * 512
            disk.replaceSubrange(start..<(start + 512), with: [UInt8](repeating: value, count: 512))
        }
        return disk
    }

    private func read(_ folder: MemoryImages, _ name: String) async throws -> [UInt8] {
        try await VMDKSamples.read(ImageSamples.format("vhd").open(folder.storage(name)))
    }

    @Test("each sector comes from the nearest image that holds it", arguments: ["dynamic", "fixed"])
    func sectors(_ variant: String) async throws {
        let disk = ImageSamples.disk
        let first: [UInt64: UInt8] = [0: 1, 1: 2, 7: 3, 8: 4, 4095: 5, 4096: 6, 9000: 7]
        let second: [UInt64: UInt8] = [1: 11, 8: 0, 9: 12, 16_383: 13]
        let folder = ImageSamples.folder([
            "base.vhd": try await VHDBytes.written(variant, disk).bytes,
            "middle.vhd": VHDChild(
                id: Self.middle, parent: try baseID, relativePath: ".\\base.vhd", sectors: first
            ).bytes,
            "top.vhd": VHDChild(id: Self.top, parent: Self.middle, parentName: "middle.vhd", sectors: second).bytes,
        ])
        let isMiddle = try await ImageSamples.areEqual(read(folder, "middle.vhd"), changed(disk, first))
        #expect(isMiddle)
        let isTop = try await ImageSamples.areEqual(read(folder, "top.vhd"), changed(changed(disk, first), second))
        #expect(isTop)
        let image = try await ImageSamples.format("vhd").open(folder.storage("top.vhd"))
        #expect(image.facts.variant == "differencing")
        #expect(image.facts.parents == ["middle.vhd", "base.vhd"])
        let check = try await ImageSamples.format("vhd").check(folder.storage("top.vhd"))
        #expect(check.violations == [])
        let extents = try await image.extents(in: ByteRange(0, image.size))
        #expect(extents.first?.range.start == 0 && extents.last?.range.end == image.size)
        let whole = try await read(folder, "top.vhd")
        for extent in extents where extent.isZero {
            let isZero = ImageSamples.isZero(whole, extent.range)
            #expect(isZero)
        }
    }

    @Test("a disk that has grown since reads as zeros behind its parent")
    func grown() async throws {
        let disk = ImageSamples.disk
        let child = VHDChild(size: 12 << 20, id: Self.top, parent: try baseID, sectors: [24_575: 9])
        let folder = ImageSamples.folder([
            "base.vhd": try await VHDBytes.written("dynamic", disk).bytes, "top.vhd": child.bytes,
        ])
        let wanted = changed(disk + [UInt8](repeating: 0, count: 4 << 20), child.sectors)
        let isSame = try await ImageSamples.areEqual(read(folder, "top.vhd"), wanted)
        #expect(isSame)
        let small = VHDChild(size: 4 << 20, id: Self.top, parent: try baseID)
        folder["small.vhd"] = small.bytes
        let error = await #expect(throws: EngineError.self) { try await read(folder, "small.vhd") }
        #expect(error?.kind == .corrupt)
        #expect(error?.description.contains("fewer than its parent") == true)
    }

    @Test("another disk in the parent's place is refused with both ids")
    func wrongParent() async throws {
        let folder = ImageSamples.folder([
            "base.vhd": try await VHDBytes.written("dynamic").bytes,
            "top.vhd": VHDChild(id: Self.top, parent: Self.middle).bytes,
        ])
        let error = await #expect(throws: EngineError.self) { try await read(folder, "top.vhd") }
        #expect(error?.kind == .corrupt)
        #expect(error?.description.contains(Self.middle.description) == true)
        #expect(error?.description.contains(ImageSamples.id) == true)
        #expect(try await !ImageSamples.format("vhd").check(folder.storage("top.vhd")).isSound)
    }

    @Test("a parent that is missing, and a loop of parents, are told")
    func missing() async throws {
        let folder = ImageSamples.folder([
            "top.vhd": VHDChild(id: Self.top, parent: Self.middle, relativePath: "..\\x\\gone.vhd").bytes,
            "lone.vhd": VHDChild(id: Self.top, parent: Self.middle, parentName: "gone.vhd").bytes,
            "loop.vhd": VHDChild(id: Self.top, parent: Self.top, parentName: "loop.vhd").bytes,
            "one.vhd": VHDChild(id: Self.top, parent: Self.middle, parentName: "two.vhd").bytes,
            "two.vhd": VHDChild(id: Self.middle, parent: Self.top, parentName: "one.vhd").bytes,
        ])
        let kinds: [String: EngineError.Kind] = [
            "top.vhd": .denied, "lone.vhd": .notFound, "loop.vhd": .unsupported, "one.vhd": .unsupported,
        ]
        for (name, kind) in kinds {
            let error = await #expect(throws: EngineError.self) { try await read(folder, name) }
            #expect(error?.kind == kind, "\(name)")
            #expect(try await !ImageSamples.format("vhd").check(folder.storage(name)).isSound, "\(name)")
        }
    }

    @Test("parents are found below the child's folder, and nowhere else")
    func folders() async throws {
        let (folder, other) = (try QCOW2Folder(), try QCOW2Folder())
        let disk = ImageSamples.disk
        let base = try await VHDBytes.written("dynamic", disk).bytes
        _ = try QCOW2Folder.run("/bin/mkdir", [folder["below"]])
        try folder.write(base, to: "below/old.vhd")
        try other.write(base, to: "base.vhd")
        func top(_ path: String) throws -> String {
            let child = VHDChild(id: Self.top, parent: try baseID, parentName: "none.vhd", relativePath: path)
            try folder.write(child.bytes, to: "top.vhd")
            return folder["top.vhd"]
        }
        let vhd = try ImageSamples.format("vhd")
        let isSame = try await ImageSamples.areEqual(
            VMDKSamples.read(vhd.open(FileStorage(top(".\\below\\old.vhd")))), disk)
        #expect(isSame)
        let outside = "..\\" + other.path.dropFirst("/tmp/".count) + "\\base.vhd"
        let error = await #expect(throws: EngineError.self) { _ = try await vhd.open(FileStorage(top(outside))) }
        #expect(error?.kind == .denied)
        // A file of the same name beside the child is what people put there.
        try folder.write(base, to: "base.vhd")
        let isBeside = try await ImageSamples.areEqual(VMDKSamples.read(vhd.open(FileStorage(top(outside)))), disk)
        #expect(isBeside)
    }
}
