import AHV
import Engine
import Testing

@Suite("Captures")
struct CaptureTests {
    @Test("a CD-ROM is skipped and said")
    func cdRom() async throws {
        let lab = try await SimulatedLab.start()
        let source = try await SourceMaker(lab: lab).open()
        let capture = try await Backups.capture("web", in: source)
        #expect(capture.machine.skipped.contains { $0.contains("ide.0") && $0.contains("CD-ROM") })
        #expect(capture.machine.disks.map(\.address.description).sorted() == ["sata.1", "scsi.0"])
        #expect(capture.machine.disks.map(\.size).sorted() == [16_779_776, 17_825_792])
        _ = await capture.finish(.abandoned)
        await lab.tearDown()
    }

    @Test("the configuration is Prism's own, with the names behind its ids")
    func configuration() async throws {
        let lab = try await SimulatedLab.start()
        let source = try await SourceMaker(lab: lab).open()
        let capture = try await Backups.capture("web", in: source)
        let configuration = capture.machine.configuration
        #expect(configuration["vm"]?["name"]?.string == "web")
        #expect(configuration["vm"]?["bootConfig"]?["$objectType"]?.string == "vmm.v4.ahv.config.LegacyBoot")
        #expect(configuration["names"]?["cluster"]?.string == "alpha")
        #expect(configuration["names"]?["networks"]?.object.values.compactMap(\.string) == ["lan"])
        #expect(
            Set(configuration["names"]?["containers"]?.object.values.compactMap(\.string) ?? []) == ["fast", "big"])
        let category = try #require(configuration["names"]?["categories"]?.object.values.first)
        #expect(category["key"]?.string == "Env" && category["value"]?.string == "prod")
        _ = await capture.finish(.abandoned)
        await lab.tearDown()
    }

    @Test("an application-consistent backup without guest tools is crash-consistent, with a warning")
    func withoutTools() async throws {
        let lab = try await SimulatedLab.start()
        let source = try await SourceMaker(lab: lab).open()
        let capture = try await Backups.capture("web", in: source, .application)
        #expect(capture.machine.consistency == .crash)
        #expect(capture.machine.warnings.contains { $0.contains("Guest Tools") })
        _ = await capture.finish(.abandoned)
        await lab.tearDown()
    }

    @Test("an application-consistent backup is what Prism says it is", arguments: [false, true])
    func consistency(isDegraded: Bool) async throws {
        let machines = LabText.machines.replacing("power: false", with: "power: true")
        let lab = try await SimulatedLab.start(machines: machines)
        let source = try await SourceMaker(lab: lab).open()
        if isDegraded { try await lab.degradeConsistency() }
        let capture = try await Backups.capture("secure", in: source, .application)
        #expect(capture.machine.consistency == (isDegraded ? .crash : .application))
        #expect(capture.machine.warnings.isEmpty == !isDegraded)
        _ = await capture.finish(.abandoned)
        await lab.tearDown()
    }

    @Test(
        "an increment after a small change reads about that much, and a disk that moved is read in full with the reason"
    )
    func increments() async throws {
        let lab = try await SimulatedLab.start()
        let old = Backups.pattern(3 << 20, seed: 5)
        try await lab.write(old, to: "scsi.0", of: "web", at: 1 << 20)
        let source = try await SourceMaker(lab: lab).open()
        let first = try await Backups.capture("web", in: source)
        let disk = try #require(first.machine.disks.first { $0.address.description == "scsi.0" })
        let full = try await Backups.image(of: disk, in: first)
        #expect(await first.finish(.committed).isEmpty)

        try await lab.write(Backups.pattern(65_536, seed: 6), to: "scsi.0", of: "web", at: 2 << 20)
        try await lab.zero(131_072, of: "scsi.0", of: "web", at: 1 << 20)
        let second = try await Backups.capture("web", in: source, since: first.machine.reference)
        let reference = DiskReference(capture: first.machine.reference, size: disk.size)
        let increment = try await Backups.image(of: disk, in: second, since: reference, over: full.bytes)
        #expect(increment.map.coverage == .changes)
        #expect(increment.map.regions.contains { $0.isZero })
        #expect(increment.map.regions.reduce(0) { $0 + $1.range.count } < 1 << 20)
        #expect(try await lab.content(of: "scsi.0", of: "web") == increment.bytes)

        var strange = first.machine.reference.object
        strange["generation"] = "another"
        let moved = try await second.regions(
            of: disk, since: DiskReference(capture: .object(strange), size: disk.size))
        #expect(moved.fallback?.contains("restored") == true)
        #expect(await second.finish(.committed).isEmpty)
        #expect(try await lab.recoveryPoints().count == 1)
        await lab.tearDown()
    }

    @Test("a disk of 3 TiB with islands at both ends is mapped and read without its holes")
    func hugeDisk() async throws {
        let size = 3 << 40
        let machines = """
              - name: huge
                cluster: alpha
                disks: [ { bus: scsi, index: 0, size: \(size), container: big } ]
            """
        let lab = try await SimulatedLab.start(machines: machines)
        let (head, tail) = (Backups.pattern(70_000, seed: 1), Backups.pattern(66_048, seed: 2))
        try await lab.write(head, to: "scsi.0", of: "huge", at: 0)
        try await lab.write(tail, to: "scsi.0", of: "huge", at: size - tail.count)
        let source = try await SourceMaker(lab: lab).open()
        let capture = try await Backups.capture("huge", in: source)
        let disk = try #require(capture.machine.disks.first)
        #expect(disk.size == UInt64(size))
        let map = try await capture.regions(of: disk, since: nil)
        #expect(map.regions.filter { !$0.isZero }.reduce(0) { $0 + $1.range.count } < 1 << 20)
        for (place, wanted) in [(0, head), (size - tail.count, tail)] {
            let range = ByteRange(UInt64(place), UInt64(place + wanted.count / 512 * 512))
            let buffer = Buffer(capacity: Int(range.count))
            try await capture.read(range, of: disk, into: buffer)
            #expect(buffer.array == Array(wanted.prefix(buffer.count)))
        }
        _ = await capture.finish(.abandoned)
        await lab.tearDown()
    }

    @Test("a VM with eight disks is read from all of them at once")
    func eightDisks() async throws {
        let disks = (0..<8).map { "      - { bus: scsi, index: \($0), size: \((2 + $0) << 20), container: fast }" }
        let machines = "  - name: many\n    cluster: alpha\n    disks:\n" + disks.joined(separator: "\n")
        let lab = try await SimulatedLab.start(machines: machines)
        for disk in 0..<8 {
            try await lab.write(Backups.pattern(300_000, seed: disk), to: "scsi.\(disk)", of: "many", at: disk * 4096)
        }
        let source = try await SourceMaker(lab: lab).open()
        let capture = try await Backups.capture("many", in: source)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for disk in capture.machine.disks {
                group.addTask {
                    let image = try await Backups.image(of: disk, in: capture)
                    #expect(try await lab.content(of: disk.address.description, of: "many") == image.bytes)
                }
            }
            try await group.waitForAll()
        }
        _ = await capture.finish(.abandoned)
        await lab.tearDown()
    }
}
