import Codecs
import Engine
import EngineContracts
import Testing

@Suite("A qcow2 that we write is what QEMU reads", .enabled(if: QCOW2Folder.hasTool))
struct QCOW2WriterTests {
    struct Trial: Sendable, CustomTestStringConvertible {
        var size: UInt64 = 1 << 30
        var settings: [String: String] = [:]
        var testDescription: String { "\(size) bytes, \(settings.sorted { $0.key < $1.key })" }
    }

    static let trials: [Trial] = {
        var trials: [Trial] = []
        let sizes: [UInt64] = [1 << 30, 5 << 30 + 12_345 * 512, 9 << 30, 3 << 20 + 512, 512, 0, 2 << 40]
        for variant in ["plain", "zlib", "zstd"] {
            trials += sizes.map { Trial(size: $0, settings: ["variant": variant]) }
            for clusterSize in ["512", "4KiB", "128KiB", "1MiB", "2MiB"] {
                trials.append(Trial(size: 600 << 20, settings: ["variant": variant, "cluster-size": clusterSize]))
            }
        }
        for effort in ["fast", "small"] {
            trials.append(Trial(settings: ["variant": "zlib", "compression": effort]))
            trials.append(Trial(settings: ["variant": "zstd", "compression": effort]))
        }
        return trials
    }()

    @Test("it is equal, sound, and has no leaks", arguments: trials)
    func roundTrip(_ trial: Trial) async throws {
        let folder = try QCOW2Folder()
        let disk = QCOW2SampleDisk(size: trial.size)
        let written = try await QCOW2Trial.write(disk, to: folder["a.qcow2"], trial.settings)
        #expect(written.diskSize == trial.size)
        try folder.qemu("check", "-f", "qcow2", files: ["a.qcow2"])
        let opened = try await QCOW2Trial.open(folder["a.qcow2"])
        #expect(try await QCOW2Comparison.difference(disk, opened) == nil)
        #expect(try await QCOW2Trial.check(folder["a.qcow2"]).violations == [])
        if trial.size <= 10 << 30 { try await compare(disk, folder) }
    }

    /// By QEMU, with the disk as a raw file.
    private func compare(_ disk: QCOW2SampleDisk, _ folder: QCOW2Folder) async throws {
        let raw = FileDestination(folder["a.raw"], isDurable: false)
        let sink = try await raw.begin(raw.name)
        for island in disk.islands { try await sink.write(island.bytes, at: island.start) }
        try await sink.finish(size: disk.size)
        try await raw.commit()
        let said = try folder.qemu("compare", "-f", "raw", "-F", "qcow2", files: ["a.raw", "a.qcow2"])
        #expect(said.contains("identical"))
        #expect(!said.contains("mismatch"))
    }

    @Test("a stream is as sound as a file", arguments: ["64KiB", "512", "2MiB"])
    func stream(_ clusterSize: String) async throws {
        let folder = try QCOW2Folder()
        let disk = QCOW2SampleDisk(size: 600 << 20 + 512)
        let memory = MemoryImages()
        let destination = memory.destination("a.qcow2", isStream: true)
        let image = try QCOW2Trial.image(["cluster-size": clusterSize])
        try await onBlockingThreads {
            _ = try await image.write(disk, to: destination) { _ in }
            try await destination.commit()
        }
        try folder.write(try #require(memory["a.qcow2"]), to: "a.qcow2")
        try folder.qemu("check", "-f", "qcow2", files: ["a.qcow2"])
        let opened = try await QCOW2Trial.open(folder["a.qcow2"])
        #expect(try await QCOW2Comparison.difference(disk, opened) == nil)
        #expect(try await QCOW2Trial.check(folder["a.qcow2"]).violations == [])
    }

    @Test("a compressed one cannot be a stream, and says so before anything is written", arguments: ["zlib", "zstd"])
    func noStream(_ variant: String) async throws {
        let memory = MemoryImages()
        let image = try QCOW2Trial.image(["variant": variant])
        #expect(!image.variant.canStream)
        let error = await #expect(throws: EngineError.self) {
            _ = try await image.write(
                QCOW2SampleDisk(size: 1 << 20), to: memory.destination("a", isStream: true)
            ) { _ in }
        }
        #expect(error?.kind == .unsupported)
        #expect(memory.names == [])
    }

    @Test("a disk of odd bytes is extended to whole sectors, which is told")
    func oddSize() async throws {
        let folder = try QCOW2Folder()
        let bytes = SampleBytes.text(70_001, seed: 3)
        let disk = QCOW2SampleDisk(size: 70_001, islands: [(0, bytes)])
        let written = try await QCOW2Trial.write(disk, to: folder["a.qcow2"], ["variant": "zlib"])
        #expect(written.diskSize == 70_144)
        #expect(written.remarks.count == 1)
        try folder.qemu("check", files: ["a.qcow2"])
    }

    @Test("a disk too large for its clusters is refused by name")
    func tooLarge() async throws {
        let error = await #expect(throws: EngineError.self) {
            _ = try await QCOW2Trial.write(
                QCOW2SampleDisk(size: 1 << 40, islands: []), to: "/tmp/never", ["cluster-size": "512"])
        }
        #expect(error?.kind == .unsupported)
        #expect(error?.description.contains("cluster-size") == true)
    }

    @Test("equal disks give equal files", arguments: ["plain", "zlib", "zstd"])
    func deterministic(_ variant: String) async throws {
        let folder = try QCOW2Folder()
        let disk = QCOW2SampleDisk(size: 64 << 20)
        for name in ["a", "b"] { _ = try await QCOW2Trial.write(disk, to: folder[name], ["variant": variant]) }
        #expect(try folder.bytes("a") == folder.bytes("b"))
    }

    @Test(
        "many clusters share few host clusters when they compress well, and refcounts follow",
        arguments: ["zlib", "zstd"])
    func dense(_ variant: String) async throws {
        let folder = try QCOW2Folder()
        let disk = QCOW2SampleDisk(
            size: 96 << 20,
            islands: [
                (0, [UInt8](repeating: 7, count: 64 << 20)), (64 << 20, SampleBytes.random(1 << 20, seed: 1)),
                (65 << 20, [UInt8](repeating: 9, count: 31 << 20)),
            ])
        let written = try await QCOW2Trial.write(disk, to: folder["a.qcow2"], ["variant": variant])
        #expect(written.fileSize < 4 << 20)
        try folder.qemu("check", files: ["a.qcow2"])
        #expect(try await QCOW2Trial.check(folder["a.qcow2"]).violations == [])
        #expect(try await QCOW2Comparison.difference(disk, try await QCOW2Trial.open(folder["a.qcow2"])) == nil)
    }

    @Test("blocks of refcounts beyond the first are written while the file grows")
    func manyBlocks() async throws {
        let folder = try QCOW2Folder()
        let islands = (0..<12).map {
            (start: UInt64($0) * (3 << 20), bytes: SampleBytes.text(2 << 20, seed: UInt64($0)))
        }
        let disk = QCOW2SampleDisk(size: 40 << 20, islands: islands)
        for variant in ["plain", "zlib", "zstd"] {
            _ = try await QCOW2Trial.write(disk, to: folder[variant], ["variant": variant, "cluster-size": "512"])
            try folder.qemu("check", files: [variant])
            #expect(try await QCOW2Trial.check(folder[variant]).violations == [])
            #expect(try await QCOW2Comparison.difference(disk, try await QCOW2Trial.open(folder[variant])) == nil)
        }
    }
}
