import Foundation
import Testing

/// Disks leave a repository as images, and images come in.
@Suite("Exports and imports")
struct ExportTests {
    private static let allForms = [
        "raw plain", "vhd dynamic", "vhd fixed", "vhd azure", "vhdx dynamic", "vhdx fixed",
        "vmdk streamOptimized", "vmdk monolithicSparse", "vmdk monolithicFlat", "vmdk twoGbMaxExtentSparse",
        "vmdk vmfs",
        "qcow2 plain", "qcow2 zlib", "qcow2 zstd",
    ]

    /// A proxy over one VM with one disk.
    private func proxy(_ place: Workplace, more: String = "") async throws -> Proxy {
        let proxy = try Proxy(
            place,
            sources: """
                  images: { type: image-files, changes: none, restore: \(place.file("restored")),
                            machines: [{ name: web, disks: [{ path: \(place.file("disk.raw")) }] }] }
                """, more: more)
        try await proxy.run("repository", "init")
        return proxy
    }

    private func digest(_ path: String, in place: Workplace) async throws -> String {
        let finished = try await Program(path: "/usr/bin/sha256sum").run([path], in: place.path)
        return String(finished.output.prefix(64))
    }

    @Test("each form holds the disk, passes the check, and is the same when it is made again", arguments: allForms)
    func forms(form: String) async throws {
        let place = try Workplace("forms")
        let disk = try ImageDisk(place.file("disk.raw"), size: (70 << 20) + 512 * 5)
        try disk.writeText(0..<3 << 20, seed: 1)
        try disk.writeRandom(33 << 20..<38 << 20, seed: 2)
        try disk.writeRandom((70 << 20)..<(70 << 20) + 512 * 5, seed: 3)
        let proxy = try await proxy(place)
        _ = try await proxy.backUp("web")
        let parts = form.split(separator: " ").map(String.init)
        let image = "out." + parts[0]
        let report: ExportRecord = try await proxy.run(
            "export", "disk", "latest", "--vm", "web", "--format", parts[0], "--variant", parts[1], "--output", image,
            "--json"
        ).lastLine()
        let exported = try #require(report.disks.first)
        #expect(try await exported.content == digest("disk.raw", in: place))
        #expect(try await exported.files.first?.sha256 == digest(image, in: place))
        let verified = try await Program(path: "/usr/bin/sha256sum").run(
            ["--check", "--strict", image + ".sha256"], in: place.path)
        #expect(verified.status == 0, "\(verified)")
        try await proxy.run("image", "check", image)
        try await proxy.run("image", "info", image)
        try await proxy.run("image", "convert", image, "back.raw")
        try ImageDisk(existing: place.file("back.raw")).cut(to: disk.size)
        #expect(try disk.difference(to: ImageDisk(existing: place.file("back.raw"))) == nil)
        for file in exported.files {
            try FileManager.default.moveItem(atPath: place.file(file.name), toPath: place.file("first-" + file.name))
        }
        try await proxy.run(
            "export", "disk", "latest", "--vm", "web", "--format", parts[0], "--variant", parts[1], "--output", image,
            "--no-checksum")
        for file in exported.files {
            let first = ImageDisk(existing: place.file("first-" + file.name))
            #expect(try first.difference(to: ImageDisk(existing: place.file(file.name))) == nil)
        }
    }

    @Test("an export to stdout is the same image, and one whose reader goes away ends with an error")
    func stream() async throws {
        let place = try Workplace("stream")
        let disk = try ImageDisk(place.file("disk.raw"), size: 64 << 20)
        try disk.writeRandom(5 << 20..<25 << 20, seed: 2)
        let proxy = try await proxy(place)
        _ = try await proxy.backUp("web")
        let export = "\(Program.ahvault.path) export disk latest --vm web --format vhdx --output"
        let shell = Program(path: "/bin/bash")
        let piped = try await shell.run(
            [
                "-c",
                "\(export) file.vhdx && set -o pipefail && \(export) - | cat > piped.vhdx && cmp file.vhdx piped.vhdx",
            ],
            in: place.path)
        #expect(piped.status == 0, "\(piped)")
        let closed = try await shell.run(
            ["-c", "\(export) - | head -c 1000000 > head; exit ${PIPESTATUS[0]}"], in: place.path)
        #expect(closed.status == 1, "\(closed)")
        #expect(closed.errors.contains("whoever reads it has gone"), "\(closed)")
    }

    @Test("a killed export leaves no image, and --resume finishes it with the same bytes")
    func killed() async throws {
        let place = try Workplace("killed")
        let disk = try ImageDisk(place.file("disk.raw"), size: 3 << 30)
        for island in 0..<40 { try disk.writeRandom(island * (75 << 20)..<island * (75 << 20) + (300 << 10), seed: 1) }
        let proxy = try await proxy(place)
        _ = try await proxy.backUp("web")
        let running = try proxy.start(
            "export", "disk", "latest", "--vm", "web", "--format", "raw", "--output", "out.raw")
        let mark = place.file(".out.raw.partial.mark")
        for _ in 0..<3000 where !FileManager.default.fileExists(atPath: mark) && running.isRunning {
            try await Task.sleep(for: .milliseconds(10))
        }
        running.killNow()
        let killed = try await running.finished(within: .seconds(20))
        try #require(killed.status == 128 + 9, "\(killed)")
        #expect(!FileManager.default.fileExists(atPath: place.file("out.raw")))
        let report: ExportRecord = try await proxy.run(
            "export", "disk", "latest", "--vm", "web", "--format", "raw", "--output", "out.raw", "--resume", "--json"
        ).lastLine()
        #expect(try #require(report.disks.first).resumed >= 256 << 20)
        #expect(try disk.difference(to: ImageDisk(existing: place.file("out.raw"))) == nil)
        #expect(report.disks.first?.content == report.disks.first?.files.first?.sha256)
        #expect(FileManager.default.fileExists(atPath: place.file("out.raw.sha256")))
        #expect(!FileManager.default.fileExists(atPath: mark))
    }

    @Test(
        "an export from a damaged repository names the damage, and one to a full disk says so; neither leaves an image")
    func failures() async throws {
        let place = try Workplace("failures")
        let disk = try ImageDisk(place.file("disk.raw"), size: 64 << 20)
        try disk.writeRandom(0..<24 << 20, seed: 2)
        let proxy = try await proxy(place)
        _ = try await proxy.backUp("web")
        try FileManager.default.createDirectory(atPath: place.file("small"), withIntermediateDirectories: true)
        try HardshipTests.mount("-t", "tmpfs", "-o", "size=8m", "ahvault-test", place.file("small"))
        defer { try? HardshipTests.unmount(place.file("small")) }
        let full = try await proxy.run(
            "export", "disk", "latest", "--vm", "web", "--format", "vhd", "--output", "small/out.vhd", expecting: 1)
        #expect(full.errors.contains("space"), "\(full)")
        #expect(place.files(below: "small") == [])

        let pack = try #require(place.files(below: "repository/packs/d").first)
        try ImageDisk(existing: place.file(pack)).flipBit(at: 100_000)
        let damaged = try await proxy.run(
            "export", "disk", "latest", "--vm", "web", "--format", "vhd", "--output", "out.vhd", expecting: 1)
        #expect(damaged.errors.contains(try #require(pack.split(separator: "/").last)), "\(damaged)")
        #expect(!FileManager.default.fileExists(atPath: place.file("out.vhd")))
    }

    @Test("an image goes to a target as one object, and one that is there stays")
    func object() async throws {
        let place = try Workplace("object")
        let disk = try ImageDisk(place.file("disk.raw"), size: 64 << 20)
        try disk.writeRandom(5 << 20..<45 << 20, seed: 2)
        let target = "exports:\n  archive: { target: { type: local, path: \(place.file("archive")) } }"
        let proxy = try await proxy(place, more: target)
        _ = try await proxy.backUp("web")
        let words = ["export", "disk", "latest", "--vm", "web", "--format", "raw", "--to", "archive", "--output"]
        let done = try await Program.ahvault.run(words + ["images/web.raw"], in: place.path)
        #expect(done.status == 0, "\(done)")
        #expect(try disk.difference(to: ImageDisk(existing: place.file("archive/images/web.raw"))) == nil)
        let again = try await Program.ahvault.run(words + ["images/web.raw"], in: place.path)
        #expect(again.status == 1 && again.errors.contains("images/web.raw"), "\(again)")
        let verified = try await Program(path: "/usr/bin/sha256sum").run(
            ["--check", "--strict", "web.raw.sha256"], in: place.file("archive/images"))
        #expect(verified.status == 0, "\(verified)")
    }

    @Test("an image of another hypervisor becomes a VM on AHV, and goes out again")
    func migration() async throws {
        try await Lab.use("migration", vms: "  []") { lab in
            let place = lab.place
            let proxy = try await lab.proxy()
            let disk = try ImageDisk(place.file("system.raw"), size: 40 << 20)
            try disk.writeText(1 << 20..<4 << 20, seed: 1)
            let data = try ImageDisk(place.file("data.raw"), size: (8 << 20) + 512)
            try data.writeRandom(0..<(8 << 20) + 512, seed: 2)
            try await proxy.run("image", "convert", "system.raw", "system.vhdx")
            try await proxy.run("image", "convert", "data.raw", "data.vhd")
            let imported: BackupRecord = try await proxy.run(
                "import", "disk", "system.vhdx", "data.vhd", "--vm", "moved", "--cpus", "4", "--memory", "8GiB",
                "--firmware", "uefi", "--json"
            ).lastLine()
            #expect(imported.machines.first?.disks.count == 2)
            #expect(try await proxy.check().damages.isEmpty)
            let refused = try await proxy.run(
                "restore", "vm", "latest", "--vm", "moved", "--source", "prism", expecting: 2)
            #expect(refused.errors.contains("container"), "\(refused)")
            try await proxy.run(
                "restore", "vm", "latest", "--vm", "moved", "--source", "prism", "--container", "default")
            let state = try await lab.state()
            #expect(try state.machine("moved").disks.count == 2)
            #expect(try disk.difference(to: state.disk("moved", "scsi.0")) == nil)
            #expect(try data.difference(to: state.disk("moved", "scsi.1")) == nil)

            try await proxy.run("export", "ova", "latest", "--vm", "moved", "--output", "moved.ova")
            let opened = try await Program(path: "/bin/bash").run(
                [
                    "-c",
                    """
                    set -e; mkdir opened; tar xf moved.ova -C opened; tar tf moved.ova | head -1 | grep -q 'ovf$'
                    cd opened; sed 's/^SHA256(\\(.*\\))= \\(.*\\)/\\2  \\1/' *.mf | sha256sum -c
                    qemu-img convert -O raw moved-disk1.vmdk disk1.raw; cmp disk1.raw ../system.raw; cat *.ovf
                    """,
                ], in: place.path)
            #expect(opened.status == 0, "\(opened)")
            #expect(opened.output.contains("efi") && opened.output.contains("8192"), "\(opened)")
            try await proxy.run("import", "ova", "moved.ova", "--vm", "again")
            try await proxy.run(
                "export", "ova", "latest", "--vm", "again", "--output", "again.ova", "--name", "moved")

            try await proxy.run(
                "export", "disk", "latest", "--vm", "moved", "--all-disks", "--format", "raw", "--output", "out/",
                expecting: 1)
            try FileManager.default.createDirectory(atPath: place.file("out"), withIntermediateDirectories: true)
            try await proxy.run(
                "export", "disk", "latest", "--vm", "moved", "--all-disks", "--format", "raw", "--output", "out")
            #expect(try disk.difference(to: ImageDisk(existing: place.file("out/moved-scsi.0.raw"))) == nil)
            #expect(try data.difference(to: ImageDisk(existing: place.file("out/moved-scsi.1.raw"))) == nil)
        }
    }
}

/// The report of an export.
struct ExportRecord: Decodable, Sendable {
    struct Disk: Decodable, Sendable {
        let address: String
        let content: String?
        let resumed: Int
        let files: [File]
    }

    struct File: Decodable, Sendable {
        let name: String
        let size: Int
        let sha256: String?
    }

    let disks: [Disk]
}
