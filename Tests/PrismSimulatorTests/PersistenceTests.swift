import Testing

@testable import PrismSimulator

@Suite("Persistence")
struct PersistenceTests {
    @Test("a simulator that is started again goes on where it was, with its targets")
    func restart() async throws {
        let first = try await TestLab.start()
        try await first.simulator.write([1, 2, 3], to: "scsi.0", of: "web", at: 0)
        let point = try await first.protect("web")
        let spec: JSONValue = [
            "name": "kept", "clusterReference": .string(Identity.named("cluster/prod")),
            "disks": [
                ["diskDataSourceReference": ["extId": .string(point.disks[0]), "entityType": "DISK_RECOVERY_POINT"]]
            ],
        ]
        let groups = "/api/volumes/v4.0/config/volume-groups"
        let made = try await first.task(await first.call("POST", groups, spec))
        let path = "\(groups)/\(made["entitiesAffected"]?[0]?["extId"]?.string ?? "")"
        _ = try await first.task(
            await first.call(
                "POST", path + "/$actions/attach-iscsi-client",
                ["iscsiInitiatorName": "iqn.2026-01.example:proxy", "numVirtualTargets": 1],
                headers: await first.etag(path)))
        let idle = "/api/vmm/v4.0/ahv/config/vms/\(try await first.machine("idle")["extId"]?.string ?? "")"
        _ = try await first.task(await first.call("DELETE", idle, headers: await first.etag(idle)))
        var before = await first.simulator.state()
        before["iscsi"] = nil
        let pin = first.simulator.endpoints.central.fingerprint
        await first.simulator.stop()

        let second = try await TestLab.start(continuing: first)
        var after = await second.simulator.state()
        after["iscsi"] = nil
        #expect(after == before)
        #expect(second.simulator.endpoints.central.fingerprint == pin)
        let list = try await Tool.run(
            "/usr/bin/iscsi-ls", ["-i", "iqn.2026-01.example:proxy", "iscsi://\(second.block).3:3260"])
        #expect(list.output.contains("nutanix:kept-"))
        await second.simulator.stop()
    }

    @Test("a task that the end of the process cut off has failed")
    func cutOffTask() throws {
        var record = TaskRecord(id: "t", operation: "o", clusters: ["c"], owner: "u", created: .now())
        record.polls = 9
        let read = try #require(TaskRecord(json: JSONValue.parse(record.json.bytes)))
        guard case .failed = read.outcome else {
            Issue.record("it counts as \(read.outcome)")
            return
        }
    }

    @Test("a lab file with an unknown member is refused with its place")
    func labErrors() {
        let error = #expect(throws: LabError.self) {
            try LabDescription.parse("users: [{ name: a, password: b, colour: red }]", folder: ".")
        }
        #expect(error?.description == "lab.users[0].colour: is not known here")
    }
}
