import Testing

/// Whatever Prism does, a run ends with a clear error or a correct retry, and leaves nothing behind.
@Suite("Faults of Prism")
struct FaultTests {
    /// One disturbance and how the run must end.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let faults: [String]
        /// Exit code of the backup.
        let status: Int32
        /// Part of what it says; nil when it succeeds.
        let says: String?
        var settings = ""

        init(_ name: String, _ faults: [String], _ status: Int32, says: String? = nil, settings: String = "") {
            testDescription = name
            self.faults = faults
            self.status = status
            self.says = says
            self.settings = settings
        }
    }

    static let cases: [Case] = [
        Case("401 in the middle of a run", [#"{ "event": "expire-sessions" }"#], 0),
        Case(
            "a 401 that stays", [#"{ "operation": "createVolumeGroup", "status": 401, "body": "empty" }"#], 1,
            says: "user name and password"),
        Case("a storm of 429", [#"{ "operation": "*", "from": 1, "to": 3, "status": 429 }"#], 0),
        Case("503 for a while", [#"{ "operation": "createVolumeGroup", "from": 1, "to": 2, "status": 503 }"#], 0),
        Case("503 for ever", [#"{ "operation": "createRecoveryPoint", "status": 503 }"#], 1, says: "503"),
        Case(
            "a call that was carried out and whose answer is lost",
            [#"{ "operation": "createVolumeGroup", "call": 1, "status": 503, "after": true }"#], 0),
        Case(
            "an error with Prism's own words",
            [
                #"{ "operation": "createRecoveryPoint", "status": 400, "message": "the cluster is full", "code": "DP-4711" }"#
            ],
            1, says: "the cluster is full"),
        Case(
            "a task that fails", [#"{ "operation": "createRecoveryPoint", "task": "fail" }"#], 1,
            says: "CreateRecoveryPoint"
        ),
        Case(
            "a task that fails and leaves what it made",
            [#"{ "operation": "createVolumeGroup", "task": "fail-leaving" }"#], 1, says: "VolumeGroupCreate"),
        Case(
            "a task that never ends", [#"{ "operation": "createRecoveryPoint", "task": "never-ends" }"#], 1,
            says: "taskTimeoutSeconds", settings: "    taskTimeoutSeconds: 2"),
        Case("an iSCSI session that is cut", [#"{ "event": "cut-iscsi", "bytes": 3000000 }"#], 0),
        Case("an iSCSI server that refuses for a moment", [#"{ "event": "refuse-iscsi", "seconds": 2 }"#], 0),
        Case("no data services IP", [#"{ "event": "unset-data-services" }"#], 1, says: "data services IP"),
        Case("a garbled answer", [#"{ "operation": "getVM", "status": 500, "body": "html" }"#], 1, says: "500"),
    ]

    @Test("a backup ends well or with a clear error, and leaves nothing behind", arguments: cases)
    func backup(_ one: Case) async throws {
        try await Lab.use(
            "fault", vms: "  - { name: web, cluster: prod, disks: [{ bus: scsi, index: 0, size: 32MiB }] }"
        ) { lab in
            let place = lab.place
            let proxy = try await lab.proxy(more: one.settings)
            let disk = try await lab.state().disk("web", "scsi.0")
            try disk.writeRandom(0..<12 << 20, seed: 1)
            _ = try await proxy.backUp("web")
            let copy = try disk.copy(to: place.file("first.raw"))
            try disk.writeRandom(2 << 20..<11 << 20, seed: 2)

            for fault in one.faults { try await lab.fault(fault) }
            let finished = try await proxy.run("backup", "vm", "web", expecting: one.status)
            if let says = one.says {
                #expect(finished.errors.contains(says) || finished.output.contains(says), "\(finished)")
            }
            try await lab.clearFaults()

            if one.testDescription != "no data services IP" {
                try await proxy.run("restore", "vm", proxy.points()[0].id, "--name", "web-first")
                #expect(try await copy.difference(to: lab.state().disk("web-first", "scsi.0")) == nil)
                _ = try await proxy.backUp("web")
                try await proxy.run("restore", "vm", "latest", "--vm", "web", "--name", "web-again")
                #expect(try await disk.difference(to: lab.state().disk("web-again", "scsi.0")) == nil)
            }
            let state = try await lab.state()
            #expect(state.volumeGroups.map(\.name) == [])
            #expect(state.recoveryPoints.count == 1)
            #expect(try await proxy.check().damages.isEmpty)
        }
    }
}
