import AHV
import Engine
import Testing

@Suite("Who may in, and who is trusted")
struct AccessTests {
    @Test("a wrong password is denied at once and says what to check, not what it was")
    func wrongPassword() async throws {
        let lab = try await SimulatedLab.start()
        let source = try SourceMaker(lab: lab).make(["password": .scalar("env:WRONG")])
        let error = await Backups.error { try await source.open() }
        #expect(error.kind == .denied)
        #expect(error.description.contains("password"))
        #expect(!error.description.contains("not-the-password"))
        await lab.tearDown()
    }

    @Test("a wrong fingerprint is denied with the fingerprint seen")
    func wrongFingerprint() async throws {
        let lab = try await SimulatedLab.start()
        let wrong = "sha256:" + String(repeating: "ab", count: 32)
        let source = try SourceMaker(lab: lab).make(["tls": SourceMaker.tls(wrong, lab.elementFingerprints)])
        let error = await Backups.error { try await source.open() }
        #expect(error.kind == .denied)
        #expect(error.description.contains(lab.fingerprint))
        #expect(try await lab.calls("listClusters") == 0)
        await lab.tearDown()
    }

    @Test("without `tls` a self-made certificate is refused")
    func systemAuthorities() async throws {
        let lab = try await SimulatedLab.start()
        let source = try SourceMaker(lab: lab).make(["tls": nil])
        #expect(await Backups.error { try await source.open() }.kind == .denied)
        await lab.tearDown()
    }

    @Test("a CA file vouches for Prism Central and for Prism Elements")
    func authorities() async throws {
        let lab = try await SimulatedLab.start()
        let tls = SourceMaker.map(["ca": .scalar(lab.authorities)])
        let source = try await SourceMaker(lab: lab).open(["tls": tls])
        let capture = try await Backups.capture("web", in: source)
        _ = try await Backups.image(of: capture.machine.disks[0], in: capture)
        #expect(await capture.finish(.abandoned).isEmpty)
        await lab.tearDown()
    }

    @Test("an API key is an account")
    func apiKey() async throws {
        let lab = try await SimulatedLab.start()
        let source = try await SourceMaker(lab: lab).open([
            "username": nil, "password": nil, "apiKey": .scalar("env:KEY"),
        ])
        #expect(try await source.inventory().machines.count == 2)
        await lab.tearDown()
    }

    @Test("a Prism Element that nothing vouches for is named with its fingerprint and the key to set")
    func unsaidElement() async throws {
        let lab = try await SimulatedLab.start()
        let tls = SourceMaker.map(["fingerprint": .scalar(lab.fingerprint)])
        let source = try await SourceMaker(lab: lab).open(["tls": tls])
        let capture = try await Backups.capture("web", in: source)
        let error = await Backups.error { _ = try await capture.regions(of: capture.machine.disks[0], since: nil) }
        #expect(error.kind == .denied)
        #expect(error.description.contains(lab.elementFingerprints[0]))
        #expect(error.description.contains("elementFingerprints"))
        #expect(await capture.finish(.abandoned).isEmpty)
        #expect(try await lab.traces().isEmpty)
        await lab.tearDown()
    }

    @Test("what was learned about a Prism Element is kept with the capture, and anything else is refused later")
    func learnedElement() async throws {
        let lab = try await SimulatedLab.start()
        let tls = SourceMaker.map(["fingerprint": .scalar(lab.fingerprint), "learnElement": .scalar("true")])
        let source = try await SourceMaker(lab: lab).open(["tls": tls])
        let first = try await Backups.capture("web", in: source)
        _ = try await Backups.image(of: first.machine.disks[0], in: first)
        let reference = first.machine.reference
        #expect(reference["elementFingerprint"]?.string == lab.elementFingerprints[0])
        #expect(await first.finish(.committed).isEmpty)

        var changed = reference.object
        changed["elementFingerprint"] = .string("sha256:" + String(repeating: "cd", count: 32))
        let later = try await SourceMaker(lab: lab).open(["tls": tls])
        let capture = try await Backups.capture("web", in: later, since: .object(changed))
        let error = await Backups.error { _ = try await capture.regions(of: capture.machine.disks[0], since: nil) }
        #expect(error.kind == .denied)
        _ = await capture.finish(.abandoned)
        await lab.tearDown()
    }

    @Test("sessions that end in the middle are begun again")
    func expiredSessions() async throws {
        let lab = try await SimulatedLab.start()
        try await lab.write(Backups.pattern(65_536, seed: 1), to: "scsi.0", of: "web", at: 1 << 20)
        let source = try await SourceMaker(lab: lab).open()
        _ = try await source.inventory()
        try await lab.expireSessions()
        let capture = try await Backups.capture("web", in: source)
        try await lab.expireSessions()
        let disk = capture.machine.disks[0]
        let image = try await Backups.image(of: disk, in: capture)
        #expect(try await lab.content(of: disk.address.description, of: "web") == image.bytes)
        try await lab.expireSessions()
        #expect(await capture.finish(.abandoned).isEmpty)
        #expect(try await lab.traces().isEmpty)
        await lab.tearDown()
    }

    @Test("every secret of iSCSI authentication works", arguments: ["none", "oneWay", "mutual"])
    func chap(mode: String) async throws {
        let lab = try await SimulatedLab.start()
        let source = try await SourceMaker(lab: lab).open(["chap": .scalar(mode)])
        let capture = try await Backups.capture("web", in: source)
        _ = try await Backups.image(of: capture.machine.disks[0], in: capture)
        #expect(await capture.finish(.abandoned).isEmpty)
        await lab.tearDown()
    }

    @Test("settings that cannot work are refused before anything is connected")
    func settings() async throws {
        let lab = try await SimulatedLab.start()
        let maker = SourceMaker(lab: lab)
        let wrong: [[String: Setting.Shape?]] = [
            ["endpoint": .scalar("http://prism:9440")], ["endpoint": .scalar("https://a/b")],
            ["chap": .scalar("maybe")],
            ["initiator": .scalar("me")], ["apiKey": .scalar("env:KEY")], ["username": nil],
            ["elementPort": .scalar("0")],
            ["recoveryPointDays": .scalar("1")], ["unknown": .scalar("1")],
            ["tls": SourceMaker.map(["fingerprint": .scalar("sha256:12")])],
            ["tls": SourceMaker.map(["insecure": .scalar("true")])],
            ["tls": SourceMaker.map(["fingerprint": .scalar(lab.fingerprint), "ca": .scalar("x.pem")])],
        ]
        for changes in wrong {
            let error = await Backups.error { _ = try maker.make(changes) }
            #expect(error.kind == .configuration, "\(changes): \(error)")
        }
        await lab.tearDown()
    }
}
