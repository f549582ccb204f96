import Codecs
import EngineContracts
import Glibc
import Logging
import Synchronization
import Testing

@testable import Engine

@Suite("Exports of restore points", .plainAndEncrypted)
struct ExporterTests {
    private let folder = ScratchFolder()

    init() { mkdir(folder.path, 0o700) }

    private func guest(_ sizes: UInt64..., seed: UInt64 = 1) -> GuestSource {
        var generator = SeededGenerator(seed: seed)
        return GuestSource(
            sizes.enumerated().map { index, size in
                var disk = GuestDisk(
                    id: "disk-\(index)", address: DiskAddress(bus: "scsi", index: index), size: size)
                for _ in 0..<30 {
                    let count = UInt64.random(in: 1..<200_000, using: &generator)
                    let offset = UInt64.random(in: 0..<(size - count), using: &generator)
                    disk.write(
                        (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }, at: offset,
                        generation: 1)
                }
                return disk
            })
    }

    private func exporter(_ test: TestRepository) async throws -> Exporter {
        Exporter(
            repository: try await test.repository(), index: try test.index(), leases: test.leases, progress: { _ in })
    }

    private func raw(_ test: TestRepository) throws -> any ImageFormat {
        try Registry<any ImageFormat>.builtin.make(.usual("raw"), in: test.context)
    }

    @Test("any range of a disk reads as it was, and what its extents call zero is")
    func randomReads() async throws {
        let source = guest((21 << 20) + 512)
        let test = try await TestRepository(chunker: ChunkerChoice.content)
        let manifest = try await test.manifest(source)
        let disk = source.state.withLock { $0.disks[0] }
        try await exporter(test).read(manifest) { blobs in
            let reader = RestorePointReader(
                RestorePointDisk(manifest.disks[0], trees: TreeReader(blobs: blobs)), blobs: blobs)
            var generator = SeededGenerator(seed: 9)
            for _ in 0..<40 {
                let start = UInt64.random(in: 0..<reader.size, using: &generator)
                let end = min(reader.size, start + UInt64.random(in: 1..<9_000_000, using: &generator))
                let buffer = Buffer(capacity: Int(end - start))
                try await reader.read(ByteRange(start, end), into: buffer)
                #expect(buffer.array == disk.read(ByteRange(start, end)))
                let extents = try await reader.extents(in: ByteRange(start, end))
                #expect(extents.first?.range.start == start && extents.last?.range.end == end)
                for extent in extents where extent.isZero {
                    #expect(disk.read(extent.range).allSatisfy { $0 == 0 })
                }
            }
        }
    }

    @Test("several disks leave side by side, each with the digests of its file and its content")
    func several() async throws {
        let source = guest(9 << 20, (6 << 20) + 512, 5 << 20)
        let test = try await TestRepository()
        let manifest = try await test.manifest(source)
        let format = try raw(test)
        let exports = manifest.disks.map {
            DiskExport(
                $0, as: format, choices: "raw",
                to: .file(folder.path + "/\($0.address)", replaces: false, resumes: false))
        }
        let exported = try await exporter(test).export(exports, of: manifest)
        for (disk, result) in zip(source.state.withLock { $0.disks }, exported) {
            let bytes = disk.read(ByteRange(0, disk.size))
            let digest = Digest.sha256(bytes.span.bytes)
            #expect(result.content == digest)
            #expect(result.files == [.init(name: "\(disk.address)", size: disk.size, digest: digest)])
            #expect(try ChecksumFile.digest(of: folder.path + "/\(disk.address)") == digest)
        }
        #expect(FolderNames.of(folder.path).count == 6)
    }

    @Test("a damaged chunk ends the export with its pack's name, and leaves no image")
    func damage() async throws {
        let source = guest(9 << 20)
        let test = try await TestRepository()
        let manifest = try await test.manifest(source)
        let pack = try #require(test.store.keys.first { ObjectLayout.parsePack($0)?.kind == .data })
        test.store[pack]?[5000] ^= 0x40
        let export = DiskExport(
            manifest.disks[0], as: try raw(test), choices: "raw",
            to: .file(folder.path + "/disk.raw", replaces: false, resumes: false))
        let error = try await #require(throws: EngineError.self) {
            _ = try await exporter(test).export([export], of: manifest)
        }
        #expect(error.kind == .corrupt && error.description.contains(pack.lastPart), "\(error)")
        #expect(FolderNames.of(folder.path) == [])
    }
}
