import Testing

/// The same promises without a Prism: VMs that are image files of this machine.
@Suite("Image files")
struct ImageFilesTests {
    /// A proxy over VMs made of image files; `machines` is the YAML list of them.
    private func proxy(_ place: Workplace, _ machines: String, codec: String = "{ type: zstd }") async throws -> Proxy {
        let proxy = try Proxy(
            place,
            sources: """
                  images: { type: image-files, state: \(place.file("state")), restore: \(place.file("restored")),
                            machines: \(machines) }
                """, codec: codec)
        try await proxy.run("repository", "init")
        return proxy
    }

    private func restored(_ place: Workplace, _ vm: String, _ address: String) -> ImageDisk {
        ImageDisk(existing: place.file("restored/\(vm)/\(address).raw"))
    }

    @Test(
        "disks of every size and content come back, with every codec",
        arguments: ["{ type: zstd, level: 1 }", "{ type: lz4 }", "{ type: zlib }", "{ type: none }"])
    func codecs(codec: String) async throws {
        let place = try Workplace("codecs")
        let sizes = [512, 4096, 65_536 + 512, 1 << 20, (4 << 20) + 512, (9 << 20) - 512]
        let disks = sizes.indices.map { "{ path: \(place.file("\($0).raw")) }" }.joined(separator: ", ")
        var originals: [ImageDisk] = []
        for (index, size) in sizes.enumerated() {
            let disk = try ImageDisk(place.file("\(index).raw"), size: size)
            try disk.writeText(0..<size / 2, seed: UInt64(index))
            try disk.writeRandom(size - min(size, 700)..<size, seed: UInt64(index))
            originals.append(disk)
        }
        let proxy = try await proxy(place, "[{ name: vm, disks: [\(disks)] }]", codec: codec)
        _ = try await proxy.backUp("vm")
        #expect(try await proxy.check().damages.isEmpty)
        try await proxy.run("restore", "vm", "latest", "--vm", "vm")
        for (index, disk) in originals.enumerated() {
            #expect(try disk.difference(to: restored(place, "vm", "scsi.\(index)")) == nil, "\(index)")
        }
    }

    @Test("a history of changes, wipes and growth can be restored at each of its points, oldest and newest")
    func history() async throws {
        let place = try Workplace("history")
        let disk = try ImageDisk(place.file("disk.raw"), size: 40 << 20)
        let proxy = try await proxy(place, "[{ name: vm, disks: [{ path: \(place.file("disk.raw")) }] }]")
        var generator = SeededGenerator(seed: 1)
        var copies: [(point: String, disk: ImageDisk)] = []
        for day in 0..<6 {
            let size = 40 << 20 + (day / 3) * (8 << 20)
            _ = try ImageDisk(disk.path, size: size)
            for _ in 0..<8 {
                let start = Int.random(in: 0..<size - (1 << 20), using: &generator)
                let range = start..<start + Int.random(in: 1..<1 << 20, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: try disk.writeZeros(range)
                case 1: try disk.writeText(range, seed: generator.next())
                default: try disk.writeRandom(range, seed: generator.next())
                }
            }
            let report = try await proxy.backUp("vm")
            let point = try #require(report.machines.first?.restorePoint)
            copies.append((point, try disk.copy(to: place.file("day-\(day).raw"))))
        }
        for (day, copy) in copies.enumerated() {
            try await proxy.run("restore", "vm", copy.point, "--name", "day-\(day)")
            #expect(try copy.disk.difference(to: restored(place, "day-\(day)", "scsi.0")) == nil, "day \(day)")
        }
    }

    @Test("the repository alone suffices: another proxy lists, restores and goes on incrementally")
    func blankMachine() async throws {
        let place = try Workplace("blank")
        let disk = try ImageDisk(place.file("disk.raw"), size: 16 << 20)
        try disk.writeRandom(0..<12 << 20, seed: 1)
        let machines = "[{ name: vm, disks: [{ path: \(place.file("disk.raw")) }] }]"
        let first = try await proxy(place, machines)
        _ = try await first.backUp("vm")
        try place.remove("cache")
        try place.remove("state")
        #expect(try await first.points().count == 1)
        try await first.run("restore", "vm", "latest", "--vm", "vm")
        #expect(try disk.difference(to: restored(place, "vm", "scsi.0")) == nil)
        let report = try await first.backUp("vm")
        #expect(report.machines.first?.disks.first?.fallback != nil)
        #expect(report.written.dataBytes == 0)
    }

    @Test("a mistake in the configuration is named with its line and column, and nothing is tried")
    func configuration() async throws {
        let place = try Workplace("mistakes")
        let proxy = try Proxy(place, sources: "  images: { type: image-files, stat: here, machines: [] }")
        let finished = try await proxy.run("inventory", "vms", expecting: 2)
        #expect(finished.errors.contains("ahvault.yaml:2:") && finished.errors.contains("stat"))
        try await proxy.run("restore", "vm", expecting: 2)
        try await proxy.run("frobnicate", expecting: 2)
    }
}
