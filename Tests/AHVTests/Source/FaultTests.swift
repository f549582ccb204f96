import Engine
import Testing
import Wire

@testable import AHV

@Suite("Faults of Prism and of the data path")
struct FaultTests {
    @Test("throttled and failing calls are repeated", arguments: [408, 429, 503, 504])
    func repeated(status: Int) async throws {
        let lab = try await SimulatedLab.start()
        for operation in ["listVMs", "createRecoveryPoint", "createVolumeGroup", "getTask"] {
            try await lab.refuse(operation, calls: 1...2, status: status)
        }
        let source = try await SourceMaker(lab: lab).open(isImpatient: true)
        let capture = try await Backups.capture("web", in: source)
        _ = try await Backups.image(of: capture.machine.disks[0], in: capture)
        #expect(try await lab.recoveryPoints().count == 1)
        #expect(await capture.finish(.abandoned).isEmpty)
        #expect(try await lab.traces().isEmpty)
        await lab.tearDown()
    }

    @Test(
        "a storm that does not end is an error that names it",
        arguments: [(429, EngineError.Kind.rateLimited), (503, .unreachable)])
    func storm(status: Int, kind: EngineError.Kind) async throws {
        let lab = try await SimulatedLab.start()
        let source = try await SourceMaker(lab: lab).open(isImpatient: true)
        try await lab.refuse("listVMs", status: status)
        let error = await Backups.error { _ = try await source.inventory() }
        #expect(error.kind == kind)
        #expect(error.description.contains("\(status)"))
        await lab.tearDown()
    }

    @Test("any other refusal is told in Prism's own words and code")
    func refusal() async throws {
        let lab = try await SimulatedLab.start()
        let source = try await SourceMaker(lab: lab).open(isImpatient: true)
        try await lab.refuse("createRecoveryPoint", status: 500)
        let error = await Backups.error { _ = try await Backups.capture("web", in: source) }
        #expect(error.description.contains("The simulated fault that was asked for."))
        #expect(error.description.contains("-50000"))
        #expect(try await lab.traces().isEmpty)
        await lab.tearDown()
    }

    @Test(
        "a task that fails is told, and nothing is left",
        arguments: ["createRecoveryPoint", "createVolumeGroup", "attachISCSIClient"],
        [SimulatedLab.BadTask.fails, .failsLeavingItsWork])
    func failedTask(operation: String, way: SimulatedLab.BadTask) async throws {
        let lab = try await SimulatedLab.start()
        let source = try await SourceMaker(lab: lab).open()
        try await lab.spoilTask(of: operation, way)
        let error = await Backups.error { _ = try await Backups.capture("web", in: source) }
        #expect(error.kind == .failed, "\(error)")
        #expect(try await lab.traces() == [])
        await lab.tearDown()
    }

    @Test(
        "a task that never ends is given up, and nothing is left",
        arguments: ["createRecoveryPoint", "createVolumeGroup"])
    func endlessTask(operation: String) async throws {
        let lab = try await SimulatedLab.start()
        let source = try await SourceMaker(lab: lab).open(["taskTimeoutSeconds": .scalar("1")])
        try await lab.spoilTask(of: operation, .neverEnds)
        let error = await Backups.error { _ = try await Backups.capture("web", in: source) }
        #expect(error.kind == .timedOut, "\(error)")
        #expect(error.description.contains("taskTimeoutSeconds"))
        #expect(try await lab.traces() == [])
        await lab.tearDown()
    }

    @Test("a session that is cut while it is read is replaced, and the bytes are right")
    func cutReads() async throws {
        let lab = try await SimulatedLab.start()
        try await lab.write(Backups.pattern(12 << 20, seed: 3), to: "scsi.0", of: "web", at: 1 << 20)
        let source = try await SourceMaker(lab: lab).open()
        let capture = try await Backups.capture("web", in: source)
        let disk = try #require(capture.machine.disks.first { $0.address.description == "scsi.0" })
        for cut in [100_000, 2_500_000] {
            try await lab.cutISCSI(after: cut)
            let image = try await Backups.image(of: disk, in: capture)
            #expect(try await lab.content(of: "scsi.0", of: "web") == image.bytes)
        }
        #expect(await capture.finish(.abandoned).isEmpty)
        #expect(try await lab.traces().isEmpty)
        await lab.tearDown()
    }

    @Test("data services that stay away are an error in the end, and nothing is left")
    func refusedISCSI() async throws {
        let lab = try await SimulatedLab.start()
        let source = try await SourceMaker(lab: lab).open()
        try await lab.refuseISCSI(seconds: 3600)
        let error = await Backups.error { _ = try await Backups.capture("web", in: source) }
        #expect([.unreachable, .timedOut].contains(error.kind), "\(error)")
        #expect(try await lab.traces().isEmpty)
        await lab.tearDown()
    }

    @Test("targets that show up late are waited for")
    func lateTargets() async throws {
        let lab = try await SimulatedLab.start()
        let source = try await SourceMaker(lab: lab).open()
        try await lab.hideTargets(seconds: 1)
        let capture = try await Backups.capture("web", in: source)
        #expect(await capture.finish(.abandoned).isEmpty)
        await lab.tearDown()
    }

    @Test("a wrong CHAP secret is denied and says where")
    func wrongSecret() async throws {
        let lab = try await SimulatedLab.start()
        let configuration = try SourceMaker(lab: lab).configuration()
        let prism = try configuration.client()
        let inventory = try await PrismInventory.read(prism)
        let cluster = try #require(inventory.clusters.first { $0.name == "alpha" })
        let container = try #require(inventory.containers.first { $0.clusterID == cluster.id })
        let access = try configuration.access(to: cluster)
        let group = try await TemporaryVolumeGroup.make(
            prism, name: "ahvault-wrong", cluster: cluster, disks: [.empty(container: container.id, size: 1 << 20)],
            access: access)
        let other = VolumeEndpoint(
            access: access, targetName: group.endpoint.targetName, secrets: ChapSecrets(.oneWay))
        do {
            for session in try await other.logIn() { await session.close() }
            Issue.record("a wrong secret was let in")
        } catch {
            #expect(error.kind == .denied, "\(error)")
            #expect(error.message.contains("CHAP"))
        }
        #expect(await group.remove().isEmpty)
        await lab.tearDown()
    }

    @Test("a cluster without data services is shown as such, and a capture says what to set")
    func noDataServices() async throws {
        let lab = try await SimulatedLab.start(dataServices: false)
        let source = try await SourceMaker(lab: lab).open()
        let cluster = try #require(try await source.inventory().clusters.first { $0.name == "alpha" })
        #expect(cluster.obstacle?.contains("data services") == true)
        let error = await Backups.error { _ = try await Backups.capture("web", in: source) }
        #expect(error.kind == .configuration)
        #expect(error.description.contains("data services IP"))
        #expect(try await lab.traces().isEmpty)
        await lab.tearDown()
    }

    @Test("answers about regions that break the rules make the disk be read whole, with the reason")
    func stuckOffset() async throws {
        let lab = try await SimulatedLab.start(settings: "changedRegions: { perAnswer: 1 }")
        for place in 0..<4 {
            try await lab.write(Backups.pattern(4096, seed: place), to: "scsi.0", of: "web", at: place << 22)
        }
        let source = try await SourceMaker(lab: lab).open()
        let capture = try await Backups.capture("web", in: source)
        try await lab.stickOffset()
        let disk = try #require(capture.machine.disks.first { $0.address.description == "scsi.0" })
        let image = try await Backups.image(of: disk, in: capture)
        #expect(image.map.fallback?.contains("not to be trusted") == true, "\(image.map.fallback ?? "")")
        #expect(image.map.regions == [.init(ByteRange(0, disk.size), isZero: false)])
        #expect(try await lab.content(of: "scsi.0", of: "web") == image.bytes)
        _ = await capture.finish(.abandoned)
        await lab.tearDown()
    }

    @Test("a region that reaches beyond the disk is cut at its end")
    func overshoot() async throws {
        let lab = try await SimulatedLab.start()
        try await lab.write(Backups.pattern(4096, seed: 9), to: "scsi.0", of: "web", at: 17_825_792 - 4096)
        let source = try await SourceMaker(lab: lab).open()
        let capture = try await Backups.capture("web", in: source)
        try await lab.overshootRegions()
        let disk = try #require(capture.machine.disks.first { $0.address.description == "scsi.0" })
        let image = try await Backups.image(of: disk, in: capture)
        #expect(image.map.fallback == nil)
        #expect(try await lab.content(of: "scsi.0", of: "web") == image.bytes)
        _ = await capture.finish(.abandoned)
        await lab.tearDown()
    }

    @Test("a lost reference is told in words")
    func lostReference() async throws {
        let lab = try await SimulatedLab.start()
        let source = try await SourceMaker(lab: lab).open()
        let first = try await Backups.capture("web", in: source)
        #expect(await first.finish(.committed).isEmpty)
        try await lab.loseRecoveryPoints(of: "web")
        let second = try await Backups.capture("web", in: source, since: first.machine.reference)
        let disk = second.machine.disks[0]
        let map = try await second.regions(
            of: disk, since: DiskReference(capture: first.machine.reference, size: disk.size))
        #expect(map.coverage == .used)
        #expect(map.fallback?.contains("expired or was deleted") == true)
        #expect(await second.finish(.committed).isEmpty)
        await lab.tearDown()
    }

    @Test("a capture that is cancelled leaves nothing")
    func cancelled() async throws {
        let lab = try await SimulatedLab.start(settings: "tasks: { seconds: 0.3 }")
        let source = try await SourceMaker(lab: lab).open()
        let machine = try await Backups.machine("web", in: source)
        let capture = Task {
            try await source.capture(
                CaptureRequest(vm: machine, consistency: .crash, runName: Backups.run, previous: nil))
        }
        while try await lab.calls("createRecoveryPoint") == 0 { try await Task.sleep(for: .milliseconds(5)) }
        capture.cancel()
        let error = await Backups.error { _ = try await capture.value }
        #expect(error.kind == .cancelled, "\(error)")
        #expect(try await lab.traces() == [])
        await lab.tearDown()
    }
}
