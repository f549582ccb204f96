import Engine
import EngineContracts
import Glibc
import ImageFiles
import Testing

@Suite("The source of image files")
struct ImageFilesSourceTests {
    private let folder: ImageFolder

    init() throws { folder = try ImageFolder() }

    private func refusal(_ body: () throws -> Void) -> EngineError? {
        #expect(throws: EngineError.self, performing: body)
    }

    @Test("wrong configurations are refused with what is wrong")
    func configurations() {
        let disk = ["path": "a.raw"]
        let wrong: [([[String: String]], String, [String: String], String)] = [
            ([disk], "scan", [:], "`state` is missing"),
            ([disk], "guess", ["state": "s"], "`scan`, `list` or `none`"),
            ([["path": ""]], "none", [:], "has no path"),
            ([["path": "a.raw", "address": "scsi"]], "none", [:], "`scsi` is no disk address"),
            ([["path": "a", "address": "scsi.1"], ["path": "b"]], "none", [:], "share an address"),
            ([["path": "a.raw", "pth": "b"]], "none", [:], "unknown key `pth`"),
            ([["address": "scsi.1"]], "none", [:], "`path` is missing"),
        ]
        for (disks, changes, extra, text) in wrong {
            let error = refusal { _ = try folder.source(disks: disks, changes: changes, extra: extra) }
            #expect(error?.kind == .configuration)
            #expect(error?.description.contains(text) == true, "\(String(describing: error))")
        }
    }

    @Test("a missing image, a folder, and a size that no disk has are errors with the path")
    func wrongImages() async throws {
        try folder.makeImage("odd.raw", size: 1000)
        try folder.makeImage("empty.raw", size: 0)
        mkdir(folder.path + "/folder.raw", 0o700)
        for (name, kind) in [
            ("missing.raw", EngineError.Kind.notFound), ("odd.raw", .unsupported), ("empty.raw", .unsupported),
            ("folder.raw", .unsupported),
        ] {
            let scene = try await ImageScene(folder, folder.source(disks: [["path": name]]))
            let error = await #expect(throws: EngineError.self) { _ = try await scene.capture() }
            #expect(error?.kind == kind)
            #expect(error?.message.contains(name) == true)
            #expect(folder.files(below: "state").allSatisfy { !$0.contains(".ahvault-") })
        }
    }

    @Test("an image that changes while it is read fails the read and says so")
    func changing() async throws {
        try folder.makeImage("disk.raw", size: 1 << 20)
        let scene = try await ImageScene(folder, folder.source(disks: [["path": "disk.raw"]]))
        let capture = try await scene.capture()
        let disk = try #require(capture.machine.disks.first)
        try folder.write([1], to: "disk.raw", at: 5)
        let output = Buffer(capacity: 1 << 20)
        let error = await #expect(throws: EngineError.self) {
            try await capture.read(ByteRange(0, 1 << 20), of: disk, into: output)
        }
        #expect(error?.message.contains("changed while it was read") == true)
        #expect(output.count == 0)
        _ = await capture.finish(.abandoned)
    }

    @Test("a source without a restore folder says that it cannot be restored to")
    func noRestoreFolder() async throws {
        try folder.makeImage("disk.raw", size: 1 << 20)
        let source = try folder.source(disks: [["path": "disk.raw"]], extra: ["state": "state"])
        let request = VMRestoreRequest(
            configuration: .null, originalID: "vm/1", originalName: "web 01", disks: [], runName: ImageScene.run)
        let error = await #expect(throws: EngineError.self) { _ = try await source.restoreVM(request) }
        #expect(error?.kind == .unsupported)
    }

    @Test("a restore in place replaces the images, keeps their rights, and leaves other disks alone")
    func inPlace() async throws {
        try folder.makeImage("one.raw", size: 1 << 20)
        try folder.makeImage("two.raw", size: 1 << 20)
        try folder.write([9], to: "two.raw", at: 0)
        chmod(folder.path + "/one.raw", 0o640)
        let source = try folder.source(disks: [["path": "one.raw"], ["path": "two.raw"]])
        try await source.open()
        let bytes = SampleBytes.random(4096, seed: 1)
        var request = VMRestoreRequest(
            configuration: .null, originalID: "vm/1", originalName: "web 01",
            disks: [RestoreDisk(id: "x", address: DiskAddress(bus: "scsi", index: 0), size: 2 << 20)],
            runName: ImageScene.run)
        request.isInPlace = true
        let session = try await source.restoreVM(request)
        try await session.write(Buffer(bytes), 0..<4096, to: 0, at: 8192)
        #expect(try folder.read("one.raw") == [UInt8](repeating: 0, count: 1 << 20))
        let outcome = try await session.commit()
        #expect(outcome.notes.contains { $0.contains("scsi.1") })
        let image = try folder.read("one.raw")
        #expect(image.count == 2 << 20 && Array(image[8192..<12_288]) == bytes)
        #expect(try folder.read("two.raw").first == 9)
        var status = stat()
        #expect(stat(folder.path + "/one.raw", &status) == 0 && status.st_mode & 0o777 == 0o640)
        #expect(folder.files(below: "").allSatisfy { !$0.contains(".ahvault-") })
    }

    @Test("restored images are as sparse as what was written")
    func sparseRestore() async throws {
        try folder.makeImage("disk.raw", size: 1 << 20)
        let source = try folder.source(disks: [["path": "disk.raw"]])
        try await source.open()
        let address = DiskAddress(bus: "scsi", index: 0)
        var request = VMRestoreRequest(
            configuration: ["cpus": 4], originalID: "vm/1", originalName: "web 01",
            disks: [RestoreDisk(id: "d", address: address, size: 3 << 40)], runName: ImageScene.run)
        request.name = "big"
        let session = try await source.restoreVM(request)
        let bytes = SampleBytes.random(512, seed: 1)
        try await session.write(Buffer(bytes), 0..<512, to: 0, at: (3 << 40) - 512)
        _ = try await session.commit()
        #expect(try folder.room(of: "out/big/scsi.0.raw") < 64 << 10)
        let machine = try JSONValue(parsing: folder.read("out/big/machine.json"))
        #expect(machine["configuration"] == ["cpus": 4])
        #expect(machine["disks"]?.array.first?["file"] == "scsi.0.raw")
        let again = await #expect(throws: EngineError.self) { _ = try await source.restoreVM(request) }
        #expect(again?.kind == .alreadyExists)
    }

    @Test("a write behind a disk's end is refused")
    func writeBehindEnd() async throws {
        try folder.makeImage("disk.raw", size: 1 << 20)
        let source = try folder.source(disks: [["path": "disk.raw"]])
        try await source.open()
        let session = try await source.restoreVM(
            VMRestoreRequest(
                configuration: .null, originalID: "x", originalName: "new",
                disks: [RestoreDisk(id: "d", address: DiskAddress(bus: "scsi", index: 0), size: 1024)],
                runName: ImageScene.run))
        await #expect(throws: EngineError.self) {
            try await session.write(Buffer([1, 2]), 0..<2, to: 0, at: 1023)
        }
        await #expect(throws: EngineError.self) {
            try await session.write(Buffer([1, 2]), 0..<2, to: 0, at: .max)
        }
        #expect(!(await session.abandon()).isEmpty)
        #expect(folder.files(below: "out").isEmpty)
    }
}
