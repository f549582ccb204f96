import Codecs
import EngineContracts
import Glibc
import Logging
import Testing

@testable import Engine

@Suite("Files that images are exported to")
struct ExportFileTests {
    private let folder = ScratchFolder()

    init() { mkdir(folder.path, 0o700) }

    private static let resumable = [
        "raw plain", "vhd dynamic", "vhd fixed", "vhd azure", "vhdx dynamic", "vhdx fixed",
        "vmdk monolithicSparse", "qcow2 plain",
    ]

    private func format(_ name: String) throws -> any ImageFormat {
        let parts = name.split(separator: " ").map(String.init)
        func entry(_ key: String, _ value: String) -> Setting.Entry {
            Setting.Entry(key: key, place: "test", value: Setting(.scalar(value), at: "test"))
        }
        var entries = [entry("variant", parts[1])]
        if !["raw", "qcow2"].contains(parts[0]) { entries.append(entry("id", ImageID.named("test").description)) }
        if parts[0] == "vhd" { entries.append(entry("time", "2026-11-22T18:30:45Z")) }
        return try Registry<any ImageFormat>.builtin.make(
            PluginChoice(type: parts[0], settings: Setting(.map(entries), at: "test")),
            in: PluginContext(logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })))
    }

    /// A file in a new folder of that name.
    private func place(_ name: String) -> String {
        mkdir(folder.path + "/" + name, 0o700)
        return folder.path + "/" + name + "/disk"
    }

    private func file(
        _ path: String, subject: String = "disk", replaces: Bool = false, isDigested: Bool = true,
        isDurable: Bool = false,
        step: UInt64 = 256 << 10
    ) -> ExportFile {
        ExportFile(
            path, subject: subject, replaces: replaces, isDigested: isDigested, isDurable: isDurable, step: step)
    }

    /// Writes the disk; returns how much was done before.
    private func write(
        _ disk: PatternDisk, as format: any ImageFormat, to file: ExportFile, resumes: Bool
    ) async throws -> UInt64 {
        let done = try file.prepare(resumes: resumes)
        do {
            let source = ExportSource(disk, done: done, isDigested: false)
            _ = try await format.write(source.reader, to: file) { file.advance($0) }
            try await file.commit()
        } catch {
            await file.abandon()
            throw error
        }
        return done
    }

    private func bytes(_ path: String) throws -> [UInt8] {
        let file = try OpenFile(path, O_RDONLY)
        let buffer = Buffer(capacity: Int(try file.status().st_size) + 1)
        try buffer.append(upTo: buffer.capacity) { space throws(EngineError) in try file.read(into: space, at: 0) }
        return buffer.array
    }

    @Test(
        "an export broken anywhere goes on and gives the same bytes, reading only the rest",
        arguments: resumable, [true, false])
    func resume(name: String, isDigested: Bool) async throws {
        // The two ways to write: through the page cache, and past it.
        func file(_ path: String) -> ExportFile { self.file(path, isDigested: isDigested, isDurable: !isDigested) }

        let format = try format(name)
        #expect(format.variant.canResume)
        let disk = PatternDisk.random(size: 12 << 20, seed: 7)
        // Some formats have the file's own name in them.
        let whole = file(place("whole"))
        _ = try await write(disk, as: format, to: whole, resumes: false)
        let expected = try bytes(place("whole"))
        #expect(whole.digest == (isDigested ? Digest.sha256(expected.span.bytes) : nil))
        for end in stride(from: UInt64(1) << 20, to: 11 << 20, by: 1_500_000) {
            let path = place("broken-\(end)")
            disk.breakReads(from: end)
            await #expect(throws: EngineError.self) {
                _ = try await write(disk, as: format, to: file(path), resumes: false)
            }
            #expect(access(path, F_OK) != 0)
            disk.mend()
            let again = file(path)
            let done = try await write(disk, as: format, to: again, resumes: true)
            #expect(try bytes(path) == expected)
            #expect(again.digest == whole.digest)
            #expect(disk.reads.allSatisfy { $0.end > done })
            if end > 6 << 20 { #expect(done > 0, "nothing was kept of an export broken at \(end)") }
            #expect(FolderNames.of(folder.path + "/broken-\(end)") == ["disk"])
        }
    }

    @Test("an export may go on with a digest that was begun without one")
    func otherSum() async throws {
        let disk = PatternDisk.random(size: 8 << 20, seed: 3)
        disk.breakReads(from: 6 << 20)
        let (path, format) = (folder.path + "/disk.raw", try format("raw plain"))
        await #expect(throws: EngineError.self) {
            _ = try await write(disk, as: format, to: file(path, isDigested: false), resumes: false)
        }
        disk.mend()
        let again = file(path)
        #expect(try await write(disk, as: format, to: again, resumes: true) > 0)
        #expect(again.digest == Digest.sha256(disk.bytes.span.bytes))
    }

    @Test("what an export left and somebody changed is not gone on with")
    func changed() async throws {
        let disk = PatternDisk.random(size: 8 << 20, seed: 3)
        disk.breakReads(from: 6 << 20)
        let (path, format) = (folder.path + "/disk.raw", try format("raw plain"))
        await #expect(throws: EngineError.self) {
            _ = try await write(disk, as: format, to: file(path), resumes: false)
        }
        let partial = folder.path + "/.disk.raw.partial"
        try OpenFile(partial, O_RDWR).write([UInt8](repeating: 0xEE, count: 3).span.bytes, at: 1000)
        disk.mend()
        #expect(try await write(disk, as: format, to: file(path), resumes: true) == 0)
        #expect(try bytes(path) == disk.bytes)
    }

    @Test("another disk or other settings are refused, unless one begins anew")
    func otherSubject() async throws {
        let disk = PatternDisk.random(size: 8 << 20, seed: 3)
        disk.breakReads(from: 6 << 20)
        let (path, format) = (folder.path + "/disk.raw", try format("raw plain"))
        await #expect(throws: EngineError.self) {
            _ = try await write(disk, as: format, to: file(path), resumes: false)
        }
        disk.mend()
        let error = try await #require(throws: EngineError.self) {
            _ = try await write(disk, as: format, to: file(path, subject: "other"), resumes: true)
        }
        #expect(error.kind == .configuration && error.message.contains("--resume"))
        #expect(try await write(disk, as: format, to: file(path, subject: "other"), resumes: false) == 0)
    }

    @Test("a file that is there stays, unless it may be replaced; two exports to one place are refused")
    func taken() async throws {
        let disk = PatternDisk.random(size: 1 << 20, seed: 3)
        let (path, format) = (folder.path + "/disk.raw", try format("raw plain"))
        _ = try await write(disk, as: format, to: file(path), resumes: false)
        let refused = #expect(throws: EngineError.self) { try file(path).prepare(resumes: false) }
        #expect(refused?.kind == .alreadyExists)
        let first = file(path, replaces: true)
        _ = try first.prepare(resumes: false)
        let second = #expect(throws: EngineError.self) { try file(path, replaces: true).prepare(resumes: false) }
        #expect(second?.message.contains("going on") == true)
        await first.abandon()
        let other = PatternDisk.random(size: 1 << 20, seed: 4)
        _ = try await write(other, as: format, to: file(path, replaces: true), resumes: false)
        #expect(try bytes(path) == other.bytes)
    }
}
