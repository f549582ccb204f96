import Engine
import EngineContracts
import Glibc
import ImageFiles
import Testing

@Suite("Changes found by comparing")
struct ChangeScanTests {
    private func scene(_ size: UInt64) async throws -> ImageScene {
        let folder = try ImageFolder()
        try folder.makeImage("disk.raw", size: size)
        return try await ImageScene(folder, folder.source(disks: [["path": "disk.raw"]]))
    }

    @Test("an incremental names exactly the 64 KiB blocks that changed, neighbours as one region")
    func exact() async throws {
        let scene = try await scene((8 << 20) + 512)
        try scene.folder.write(SampleBytes.random(3 << 20, seed: 1), to: "disk.raw", at: 0)
        let full = try await scene.backUp()
        #expect(full.map.coverage == .used)
        try scene.folder.write([1], to: "disk.raw", at: 65_535)
        try scene.folder.write([1], to: "disk.raw", at: 65_536)
        try scene.folder.write([1], to: "disk.raw", at: (8 << 20) + 511)
        let next = try await scene.backUp(since: full.reference)
        let end: UInt64 = 8 << 20
        #expect(next.map.coverage == .changes)
        #expect(
            next.map.regions == [
                RegionMap.Region(ByteRange(0, 131_072), isZero: false),
                RegionMap.Region(ByteRange(end, end + 512), isZero: false),
            ])
    }

    @Test("data that became a hole is a zero region, and zeros written into a hole are no change")
    func holes() async throws {
        let scene = try await scene(64 << 20)
        try scene.folder.write(SampleBytes.random(1 << 20, seed: 1), to: "disk.raw", at: 40 << 20)
        let full = try await scene.backUp()
        // Cutting and extending leaves a hole where the data was.
        let file = try OpenFile(scene.folder.path + "/disk.raw", O_RDWR)
        try file.resize(to: 40 << 20)
        try file.resize(to: 64 << 20)
        try scene.folder.write([UInt8](repeating: 0, count: 200_000), to: "disk.raw", at: 1 << 20)
        let next = try await scene.backUp(since: full.reference)
        #expect(next.map.regions == [RegionMap.Region(ByteRange(40 << 20, 41 << 20), isZero: true)])
    }

    @Test("a 6 TiB image with islands at both ends costs what its islands cost")
    func sparse() async throws {
        let size: UInt64 = 6 << 40
        let scene = try await scene(size)
        try scene.folder.write(SampleBytes.random(1 << 20, seed: 1), to: "disk.raw", at: 0)
        try scene.folder.write(SampleBytes.random(1 << 20, seed: 2), to: "disk.raw", at: size - (1 << 20))
        let full = try await scene.backUp()
        #expect(full.map.regions.map(\.range) == [ByteRange(0, 1 << 20), ByteRange(size - (1 << 20), size)])
        try scene.folder.write([7], to: "disk.raw", at: size - 1)
        let next = try await scene.backUp(since: full.reference)
        #expect(next.map.regions.map(\.range) == [ByteRange(size - 65_536, size)])
        let state = try #require(scene.folder.files(below: "state").first { $0.hasSuffix(".hashes") })
        #expect(try scene.folder.room(of: "state/" + state) < 256 << 10)
    }

    @Test("reads that cut blocks apart still leave a whole memory")
    func oddReads() async throws {
        let scene = try await scene(4 << 20)
        try scene.folder.write(SampleBytes.random(4 << 20, seed: 1), to: "disk.raw", at: 0)
        let capture = try await scene.capture()
        let disk = try #require(capture.machine.disks.first)
        _ = try await capture.regions(of: disk, since: nil)
        for start in stride(from: UInt64(512), to: 2 << 20, by: 70_144) {
            let output = Buffer(capacity: 80_000)
            output.appendZeros(5)
            try await capture.read(ByteRange(start, start + 70_144), of: disk, into: output)
        }
        #expect(await capture.finish(.committed).isEmpty)
        #expect(try await scene.backUp(since: capture.machine.reference).map.regions.isEmpty)
    }

    @Test("a damaged or cut memory is a full map with a reason", arguments: [0, 20, 60])
    func damaged(_ offset: UInt64) async throws {
        let scene = try await scene(4 << 20)
        try scene.folder.write(SampleBytes.random(1 << 20, seed: 1), to: "disk.raw", at: 0)
        let full = try await scene.backUp()
        let state = "state/" + (try #require(scene.folder.files(below: "state").first { $0.hasSuffix(".hashes") }))
        if offset == 60 {
            try OpenFile(scene.folder.path + "/" + state, O_RDWR).resize(to: 17)
        } else {
            try scene.folder.write([0xEE], to: state, at: offset)
        }
        let next = try await scene.backUp(since: full.reference)
        #expect(next.map.coverage == .used)
        #expect(next.map.fallback?.contains("damaged") == true)
    }

    @Test("two repositories remember one VM apart")
    func twoRepositories() async throws {
        let scene = try await scene(4 << 20)
        try scene.folder.write(SampleBytes.random(1 << 20, seed: 1), to: "disk.raw", at: 0)
        let full = try await scene.backUp()
        let other = try await scene.source.capture(
            CaptureRequest(
                vm: try await scene.machine(), consistency: .crash, runName: "beef0123-00000001", previous: nil))
        #expect(await other.finish(.committed).isEmpty)
        #expect(try await scene.backUp(since: full.reference).map.coverage == .changes)
    }

    @Test("an image written after its last read is committed, but not compared with")
    func writtenBeforeCommit() async throws {
        let scene = try await scene(4 << 20)
        let capture = try await scene.capture()
        let disk = try #require(capture.machine.disks.first)
        _ = try await capture.regions(of: disk, since: nil)
        try scene.folder.write([1], to: "disk.raw", at: 0)
        let warnings = await capture.finish(.committed)
        #expect(warnings.count == 1)
        #expect(scene.folder.files(below: "state").allSatisfy { !$0.contains(".ahvault-") })
        let next = try await scene.backUp(since: capture.machine.reference)
        #expect(next.map.fallback != nil)
    }
}
