import AHV
import Engine
import Testing

@Suite("Restores")
struct RestoreTests {
    /// A lab, an open source, a finished capture of a VM and what its disks hold.
    private struct Scene {
        let lab: SimulatedLab
        let source: AHVSource
        let capture: any Capture
        let machine: VirtualMachine
        let images: [[UInt8]]

        init(_ name: String, settings: String = "") async throws {
            lab = try await SimulatedLab.start(settings: settings)
            for (index, disk) in ["scsi.0", "sata.1"].enumerated() where name == "web" || disk == "scsi.0" {
                try await lab.write(Backups.pattern(200_192, seed: index + 7), to: disk, of: name, at: 3 << 20)
            }
            source = try await SourceMaker(lab: lab).open()
            machine = try await Backups.machine(name, in: source)
            capture = try await Backups.capture(name, in: source)
            var images: [[UInt8]] = []
            for disk in capture.machine.disks { images.append(try await Backups.image(of: disk, in: capture).bytes) }
            self.images = images
            _ = await capture.finish(.abandoned)
        }

        func fill(_ session: any RestoreSession) async throws {
            for (disk, image) in images.enumerated() {
                for start in stride(from: 3 << 20, to: (3 << 20) + 200_192, by: 131_072) {
                    let piece = Array(image[start..<min(start + 131_072, (3 << 20) + 200_192)])
                    try await session.write(Buffer(piece), 0..<piece.count, to: disk, at: UInt64(start))
                }
            }
        }

        func requireDisks(of id: String, location: SourceLocation = #_sourceLocation) async throws {
            for (disk, image) in zip(capture.machine.disks, images) {
                let found = try await lab.content(of: disk.address.description, of: id)
                #expect(found == image, "\(disk.address)", sourceLocation: location)
            }
        }

        func record(of id: String) async throws -> JSONValue {
            let capture = try await source.capture(
                CaptureRequest(
                    vm: try #require(try await source.inventory().machines.first { $0.id == id }), consistency: .crash,
                    runName: Backups.run, previous: nil))
            _ = await capture.finish(.abandoned)
            return try #require(capture.machine.configuration["vm"])
        }
    }

    @Test("a new VM has the disks, the boot, the categories and new hardware addresses")
    func newMachine() async throws {
        let scene = try await Scene("web", settings: "hydrationReads: 3")
        var request = Backups.request(scene.capture, name: "web-copy", original: scene.machine)
        request.powersOn = true
        let session = try await scene.source.restoreVM(request)
        try await scene.fill(session)
        let outcome = try await session.commit()
        #expect(outcome.name == "web-copy")
        try await scene.requireDisks(of: outcome.id)
        #expect(try await scene.lab.machines().first { $0.id == outcome.id }?.isOn == true)
        let record = try await scene.record(of: outcome.id)
        let original = try #require(scene.capture.machine.configuration["vm"])
        for member in ["numSockets", "numCoresPerSocket", "memorySizeBytes", "machineType", "categories"] {
            #expect(record[member] == original[member], "\(member)")
        }
        #expect(mac(record) != nil && mac(record) != mac(original))
        #expect(outcome.notes.contains { $0.contains("new hardware addresses") })
        #expect(try await scene.lab.traces().isEmpty)
        #expect(await session.abandon().isEmpty)
        await scene.lab.tearDown()
    }

    @Test("secure boot comes back, and what starts anew is said")
    func secureBoot() async throws {
        let scene = try await Scene("secure")
        let session = try await scene.source.restoreVM(
            Backups.request(scene.capture, name: "secure-copy", original: scene.machine))
        try await scene.fill(session)
        let outcome = try await session.commit()
        let record = try await scene.record(of: outcome.id)
        #expect(record["bootConfig"]?["$objectType"]?.string == "vmm.v4.ahv.config.UefiBoot")
        #expect(record["bootConfig"]?["isSecureBootEnabled"]?.bool == true)
        #expect(record["vtpmConfig"]?["isVtpmEnabled"]?.bool == true)
        #expect(outcome.notes.contains { $0.contains("TPM") })
        try await scene.requireDisks(of: outcome.id)
        await scene.lab.tearDown()
    }

    @Test(
        "in place the original goes, and the new VM has its name and its hardware address", arguments: ["v4.2", "v4.1"])
    func inPlace(version: String) async throws {
        let scene = try await Scene("web", settings: "version: \(version)")
        var request = Backups.request(scene.capture, name: nil, original: scene.machine)
        request.isInPlace = true
        request.powersOn = true
        let session = try await scene.source.restoreVM(request)
        try await scene.fill(session)
        #expect(try await scene.lab.machines().first { $0.id == scene.machine.id }?.isOn == true)
        let outcome = try await session.commit()
        let machines = try await scene.lab.machines().filter { $0.name == "web" }
        #expect(machines.map(\.id) == [outcome.id])
        #expect(machines.first?.isOn == true)
        #expect(outcome.id != scene.machine.id)
        try await scene.requireDisks(of: outcome.id)
        let original = try #require(scene.capture.machine.configuration["vm"])
        #expect(mac(try await scene.record(of: outcome.id)) == mac(original))
        await scene.lab.tearDown()
    }

    @Test("cluster, container and network are mapped by name")
    func mapped() async throws {
        let scene = try await Scene("web")
        var request = Backups.request(scene.capture, name: "web-beta", original: scene.machine)
        request.mapping.cluster = "beta"
        request.mapping.container = "other"
        request.mapping.networks = ["lan": "lan"]
        let session = try await scene.source.restoreVM(request)
        try await scene.fill(session)
        let outcome = try await session.commit()
        let inventory = try await scene.source.inventory()
        #expect(inventory.machines.first { $0.id == outcome.id }?.clusterName == "beta")
        try await scene.requireDisks(of: outcome.id)
        await scene.lab.tearDown()
    }

    @Test("what cannot be placed is refused with the choices, before anything is made")
    func refused() async throws {
        let scene = try await Scene("secure")
        var cases: [(RestoreMapping, String)] = []
        var mapping = RestoreMapping()
        mapping.cluster = "gamma"
        cases.append((mapping, "'beta'"))
        mapping.cluster = "beta"
        cases.append((mapping, "'dmz'"))
        mapping.networks = ["dmz": "wan"]
        cases.append((mapping, "'lan'"))
        mapping.networks = ["dmz": "lan"]
        mapping.container = "tiny"
        cases.append((mapping, "'other'"))
        for (mapping, hint) in cases {
            var request = Backups.request(scene.capture, name: "x", original: scene.machine)
            request.mapping = mapping
            let wanted = request
            let error = await Backups.error { _ = try await scene.source.restoreVM(wanted) }
            #expect(error.kind == .configuration)
            #expect(error.description.contains(hint), "\(error)")
        }
        #expect(try await scene.lab.calls("createVolumeGroup") == 1)
        await scene.lab.tearDown()
    }

    @Test("on v4.0 the disks stay in a volume group that is attached to the VM, which is said")
    func oldServer() async throws {
        let scene = try await Scene("web", settings: "version: v4.0")
        let session = try await scene.source.restoreVM(
            Backups.request(scene.capture, name: "web-old", original: scene.machine))
        try await scene.fill(session)
        let outcome = try await session.commit()
        #expect(outcome.notes.contains { $0.contains("v4.0") && $0.contains("volume group") })
        let group = try #require(try await scene.lab.volumeGroups().first { !$0.name.hasPrefix("ahvault-") })
        for (path, image) in zip(group.disks, scene.images) { #expect(try SimulatedLab.bytes(of: path) == image) }
        #expect(try await scene.lab.traces().isEmpty)
        await scene.lab.tearDown()
    }

    @Test("an abandoned restore leaves nothing and says what it removed")
    func abandoned() async throws {
        let scene = try await Scene("web")
        let machines = try await scene.lab.machines().map(\.id)
        let session = try await scene.source.restoreVM(
            Backups.request(scene.capture, name: "web-copy", original: scene.machine))
        try await scene.fill(session)
        let report = await session.abandon()
        #expect(report.contains { $0.contains("removed the temporary volume group") })
        #expect(try await scene.lab.traces().isEmpty)
        #expect(try await scene.lab.machines().map(\.id) == machines)
        await scene.lab.tearDown()
    }

    @Test("a VM that a failed task left is removed, and said", arguments: [false, true])
    func failedCreate(isInPlace: Bool) async throws {
        let scene = try await Scene("web")
        let machines = try await scene.lab.machines()
        var request = Backups.request(scene.capture, name: isInPlace ? nil : "web-copy", original: scene.machine)
        request.isInPlace = isInPlace
        let session = try await scene.source.restoreVM(request)
        try await scene.fill(session)
        try await scene.lab.spoilTask(of: "createVM", .failsLeavingItsWork)
        let error = await Backups.error { _ = try await session.commit() }
        #expect(error.kind == .failed)
        let report = await session.abandon()
        #expect(report.contains { $0.contains("removed the unfinished VM") })
        #expect(try await scene.lab.traces().isEmpty)
        let left = try await scene.lab.machines()
        #expect(left.map(\.id) == machines.map(\.id))
        #expect(left.map(\.isOn) == machines.map(\.isOn))
        await scene.lab.tearDown()
    }

    @Test("writes that a cut session cost are repeated")
    func cutWrites() async throws {
        let scene = try await Scene("web")
        let session = try await scene.source.restoreVM(
            Backups.request(scene.capture, name: "web-copy", original: scene.machine))
        try await scene.lab.cutISCSI(after: 150_000)
        try await scene.fill(session)
        try await scene.lab.cutISCSI(after: 10_000)
        try await scene.fill(session)
        let outcome = try await session.commit()
        try await scene.requireDisks(of: outcome.id)
        await scene.lab.tearDown()
    }

    @Test("a disk is plugged into a VM at the address asked for, or the next free one")
    func attachedDisk() async throws {
        let scene = try await Scene("web")
        let disk = scene.capture.machine.disks[0]
        for (wanted, place) in [(DiskAddress(bus: "scsi", index: 5), "scsi.5"), (nil, "scsi.1")] {
            let session = try await scene.source.restoreDisk(
                request(disk, scene, .attach(vm: "secure", at: wanted)))
            try await session.write(Buffer(Array(scene.images[0][3 << 20..<4 << 20])), 0..<1 << 20, to: 0, at: 3 << 20)
            let outcome = try await session.commit()
            #expect(outcome.name == "secure" && outcome.notes.isEmpty)
            #expect(try await scene.lab.content(of: place, of: "secure") == scene.images[0])
        }
        let error = await Backups.error {
            _ = try await scene.source.restoreDisk(
                request(disk, scene, .attach(vm: "secure", at: DiskAddress(bus: "scsi", index: 0))))
        }
        #expect(error.kind == .alreadyExists)
        #expect(try await scene.lab.traces().isEmpty)
        await scene.lab.tearDown()
    }

    @Test("a disk that a failed task plugged in is pulled out again")
    func failedAttach() async throws {
        let scene = try await Scene("web")
        let session = try await scene.source.restoreDisk(
            request(scene.capture.machine.disks[0], scene, .attach(vm: "secure", at: nil)))
        try await scene.lab.spoilTask(of: "createDisk", .failsLeavingItsWork)
        #expect(await Backups.error { _ = try await session.commit() }.kind == .failed)
        #expect(await session.abandon().contains { $0.contains("removed the disk scsi.1") })
        #expect(try await scene.lab.machines().first { $0.name == "secure" }?.disks.count == 1)
        #expect(try await scene.lab.traces().isEmpty)
        await scene.lab.tearDown()
    }

    @Test("a disk is left as a volume group of the name asked for, which must be free")
    func volumeGroup() async throws {
        let scene = try await Scene("web")
        let wanted = request(scene.capture.machine.disks[0], scene, .volumeGroup(name: "evidence"))
        let session = try await scene.source.restoreDisk(wanted)
        try await session.write(Buffer(Array(scene.images[0][3 << 20..<4 << 20])), 0..<1 << 20, to: 0, at: 3 << 20)
        let outcome = try await session.commit()
        let group = try #require(try await scene.lab.volumeGroups().first { $0.id == outcome.id })
        #expect(group.name == "evidence")
        #expect(try SimulatedLab.bytes(of: try #require(group.disks.first)) == scene.images[0])
        #expect(await Backups.error { _ = try await scene.source.restoreDisk(wanted) }.kind == .alreadyExists)
        await scene.lab.tearDown()
    }

    private func request(
        _ disk: CapturedDisk, _ scene: Scene, _ destination: DiskRestoreRequest.Destination
    ) -> DiskRestoreRequest {
        DiskRestoreRequest(
            disk: RestoreDisk(id: disk.id, address: disk.address, size: disk.size), destination: destination,
            configuration: scene.capture.machine.configuration, runName: Backups.run)
    }

    private func mac(_ record: JSONValue) -> String? {
        let nic = record["nics"]?.array.first
        return (nic?["nicBackingInfo"] ?? nic?["backingInfo"])?["macAddress"]?.string
    }
}
