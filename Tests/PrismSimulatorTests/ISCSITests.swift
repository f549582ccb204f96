import Testing

@testable import PrismSimulator

/// These tests use initiators that know nothing of the simulator: the tools of `libiscsi-bin`, and QEMU's with
/// `qemu-block-extra`.
@Suite("iSCSI")
struct ISCSITests {
    private let initiator = "iqn.2026-01.example:proxy"
    private let groups = "/api/volumes/v4.0/config/volume-groups"

    /// Makes a volume group of a recovery point's disks and attaches the initiator.
    private func attach(
        _ lab: TestLab, _ disks: [String], secret: String? = nil, clientSecret: String? = nil, targets: Int = 1
    ) async throws -> String {
        var spec: JSONValue = [
            "name": "group", "clusterReference": .string(Identity.named("cluster/prod")),
            "disks": .array(
                disks.enumerated().map { index, disk in
                    [
                        "index": .int(index),
                        "diskDataSourceReference": ["extId": .string(disk), "entityType": "DISK_RECOVERY_POINT"],
                    ]
                }),
        ]
        if let secret { spec["iscsiFeatures"] = ["targetSecret": .string(secret), "enabledAuthentications": "CHAP"] }
        let task = try await lab.task(await lab.call("POST", groups, spec))
        let group = try #require(
            task["entitiesAffected"]?.elements.first { $0["rel"] == "volumes:config:volume-group" }?["extId"]?.string)
        var client: JSONValue = ["iscsiInitiatorName": .string(initiator), "numVirtualTargets": .int(targets)]
        if secret != nil { client["enabledAuthentications"] = "CHAP" }
        client["clientSecret"] = clientSecret.map(JSONValue.string)
        let path = "\(groups)/\(group)"
        let answer = await lab.call(
            "POST", path + "/$actions/attach-iscsi-client", client, headers: await lab.etag(path))
        #expect(try await lab.task(answer)["status"] == "SUCCEEDED")
        return group
    }

    private func tool(_ name: String, _ arguments: [String], as initiator: String? = nil) async throws -> Tool.Result {
        try await Tool.run("/usr/bin/\(name)", ["-i", initiator ?? self.initiator] + arguments)
    }

    private func url(_ lab: TestLab, _ group: String, _ unit: Int, secret: String? = nil, query: String = "") -> String
    {
        let user = secret.map { "\(initiator)%\($0)@" } ?? ""
        return "iscsi://\(user)\(lab.block).3:3260/iqn.2010-06.com.nutanix:group-\(group)-tgt0/\(unit)\(query)"
    }

    /// The same unit for the tools of QEMU.
    private func image(_ lab: TestLab, _ group: String, _ unit: Int) -> String {
        let description: JSONValue = [
            "driver": "raw",
            "file": [
                "driver": "iscsi", "transport": "tcp", "portal": .string("\(lab.block).3:3260"), "lun": .int(unit),
                "target": .string("iqn.2010-06.com.nutanix:group-\(group)-tgt0"), "initiator-name": .string(initiator),
            ],
        ]
        return "json:" + description.text
    }

    @Test("discovery and login give the bytes of the recovery point, through a redirect")
    func bytes() async throws {
        try await TestLab.run { lab in
            let content = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
            try await lab.simulator.write(content, to: "scsi.0", of: "web", at: 12345)
            let point = try await lab.protect("web")
            let group = try await attach(lab, point.disks)
            let list = try await tool("iscsi-ls", ["-s", "iscsi://\(lab.block).3:3260"])
            #expect(list.output.contains("iqn.2010-06.com.nutanix:group-\(group)-tgt0 Portal:\(lab.block).3:3260"))
            #expect(list.output.contains("Lun:2") && !list.output.contains("Lun:3"))
            let file = try await lab.simulator.path(of: "scsi.0", of: "web")
            let compared = try await Tool.run(
                "/usr/bin/qemu-img", ["compare", "-f", "raw", file, image(lab, group, 1)])
            #expect(compared.output.contains("Images are identical."), "\(compared.output)")
            try await lab.simulator.write([0], to: "scsi.0", of: "web", at: 12345 + 70)
            let changed = try await Tool.run("/usr/bin/qemu-img", ["compare", "-f", "raw", file, image(lab, group, 1)])
            #expect(changed.output.contains("Content mismatch"), "\(changed.output)")
            let size = try await tool("iscsi-readcapacity16", [url(lab, group, 2)])
            #expect(size.output.contains("Total size:1000448"))
        }
    }

    @Test("each unit carries the id of its disk as serial number")
    func serialNumbers() async throws {
        try await TestLab.run { lab in
            let group = try await attach(lab, await lab.protect("web").disks)
            for disk in try await lab.data("\(groups)/\(group)/disks").elements {
                let unit = (disk["index"]?.int ?? 0) + 1
                let page = try await tool("iscsi-inq", ["-e", "1", "-c", "128", url(lab, group, unit)])
                #expect(page.output.contains(disk["extId"]?.string ?? "-"))
            }
        }
    }

    @Test("CHAP: the right secrets open, wrong ones and none do not")
    func authentication() async throws {
        try await TestLab.run { lab in
            let point = try await lab.protect("web")
            let group = try await attach(lab, point.disks, secret: "abcdefghijkl", clientSecret: "mnopqrstuvwx")
            // A second group with another secret for the same initiator must not disturb the first.
            _ = try await attach(lab, point.disks, secret: "zzzzzzzzzzzz")
            func inquire(_ secret: String?, _ mutual: String? = nil) async throws -> Tool.Result {
                let query = mutual.map { "?target_user=\(initiator)&target_password=\($0)" } ?? ""
                return try await tool("iscsi-inq", [url(lab, group, 1, secret: secret, query: query)])
            }
            #expect(try await inquire("abcdefghijkl").output.contains("Vendor:NUTANIX"))
            #expect(try await inquire("abcdefghijkl", "mnopqrstuvwx").output.contains("Vendor:NUTANIX"))
            #expect(try await inquire("zzzzzzzzzzzz").output.contains("Authentication failure"))
            #expect(try await inquire(nil).output.contains("Authentication failure"))
            #expect(try await inquire("abcdefghijkl", "wrongwrongwr").output.contains("Invalid CHAP_R"))
        }
    }

    @Test("a stranger finds no target and may not log in")
    func strangers() async throws {
        try await TestLab.run { lab in
            let group = try await attach(lab, await lab.protect("web").disks)
            let list = try await tool("iscsi-ls", ["iscsi://\(lab.block).3:3260"], as: "iqn.2026-01.example:other")
            #expect(!list.output.contains(group))
            let login = try await tool("iscsi-inq", [url(lab, group, 1)], as: "iqn.2026-01.example:other")
            #expect(login.output.contains("Target not found"))
            let other = try await tool("iscsi-ls", ["iscsi://\(lab.block).13:3260"])
            #expect(!other.output.contains(group), "the data services of another cluster show it")
        }
    }

    @Test("an initiator can be let in by its address")
    func byAddress() async throws {
        try await TestLab.run { lab in
            let group = try await attach(lab, await lab.protect("web").disks)
            let path = "\(groups)/\(group)"
            let client: JSONValue = [
                "iscsiInitiatorNetworkId": ["ipv4": ["value": "127.0.0.1"]], "numVirtualTargets": 1,
            ]
            let answer = await lab.call(
                "POST", path + "/$actions/attach-iscsi-client", client, headers: await lab.etag(path))
            #expect(try await lab.task(answer)["status"] == "SUCCEEDED")
            let login = try await tool("iscsi-inq", [url(lab, group, 1)], as: "iqn.2026-01.example:anybody")
            #expect(login.output.contains("Vendor:NUTANIX"))
        }
    }

    @Test("several virtual targets share the disks")
    func virtualTargets() async throws {
        try await TestLab.run { lab in
            let group = try await attach(lab, await lab.protect("web").disks, targets: 2)
            let list = try await tool("iscsi-ls", ["-s", "iscsi://\(lab.block).3:3260"]).output
            #expect(list.contains("\(group)-tgt0") && list.contains("\(group)-tgt1"))
            #expect(list.split(separator: "\n").count { $0.hasPrefix("Lun:1") } == 2 && !list.contains("Lun:2"))
        }
    }

    @Test("what is written goes to the group's own disk, not to the recovery point")
    func writesStay() async throws {
        try await TestLab.run { lab in
            let point = try await lab.protect("web")
            let group = try await attach(lab, point.disks)
            let state = await lab.simulator.state()
            let frozen = try #require(
                state["recoveryPoints"]?[0]?["disks"]?.elements.first { $0["extId"]?.string == point.disks[0] }?[
                    "path"]?.string)
            let own = try #require(state["volumeGroups"]?[0]?["disks"]?[0]?["path"]?.string)
            let written = try await Tool.run(
                "/usr/bin/qemu-io", ["-c", "write -P 0x5a 1M 64k", "-c", "flush", image(lab, group, 1)])
            #expect(written.output.contains("wrote 65536/65536"), "\(written.output)")
            let scan = RegionScan(block: 65536)
            #expect(try scan.used(own).map(\.range) == [1 << 20..<(1 << 20) + 65536])
            #expect(try scan.used(frozen).isEmpty)
        }
    }

    @Test("clones that share the frozen file refuse writes")
    func readOnlyClones() async throws {
        try await TestLab.run(settings: "{ readOnlyClones: true }") { lab in
            try await lab.simulator.write([1, 2, 3], to: "scsi.0", of: "web", at: 4096)
            let group = try await attach(lab, await lab.protect("web").disks)
            let file = try await lab.simulator.path(of: "scsi.0", of: "web")
            let compared = try await Tool.run(
                "/usr/bin/qemu-img", ["compare", "-f", "raw", file, image(lab, group, 1)])
            #expect(compared.output.contains("Images are identical."), "\(compared.output)")
            let written = try await Tool.run("/usr/bin/qemu-io", ["-c", "write 0 64k", image(lab, group, 1)])
            #expect(!written.output.contains("wrote"), "\(written.output)")
            let again = try await Tool.run("/usr/bin/qemu-img", ["compare", "-f", "raw", file, image(lab, group, 1)])
            #expect(again.output.contains("Images are identical."), "\(again.output)")
        }
    }

    @Test("a client gets another secret")
    func newSecret() async throws {
        try await TestLab.run { lab in
            let point = try await lab.protect("web")
            let group = try await attach(lab, point.disks, secret: "abcdefghijkl", clientSecret: "mnopqrstuvwx")
            let clients = "/api/volumes/v4.0/config/iscsi-clients"
            let path = "\(clients)/\(try await lab.data(clients)[0]?["extId"]?.string ?? "")"
            let change: JSONValue = ["enabledAuthentications": "CHAP", "clientSecret": "nnnnnnnnnnnn"]
            let answer = await lab.call("PUT", path, change, headers: await lab.etag(path))
            #expect(try await lab.task(answer)["status"] == "SUCCEEDED")
            for (secret, opens) in [("nnnnnnnnnnnn", true), ("mnopqrstuvwx", false)] {
                let query = "?target_user=\(initiator)&target_password=\(secret)"
                let result = try await tool("iscsi-inq", [url(lab, group, 1, secret: "abcdefghijkl", query: query)])
                #expect(result.output.contains("Vendor:NUTANIX") == opens, "\(result.output)")
            }
        }
    }

    @Test("a session is cut after the bytes a fault names, connections are refused, targets hide")
    func faults() async throws {
        try await TestLab.run { lab in
            let group = try await attach(lab, await lab.protect("web").disks)
            await lab.simulator.set(Fault(event: .emptyDiscovery, seconds: 60))
            #expect(try await !tool("iscsi-ls", ["iscsi://\(lab.block).3:3260"]).output.contains(group))
            await lab.simulator.set(Fault(event: .refuseISCSI, seconds: 60))
            #expect(try await !tool("iscsi-inq", [url(lab, group, 1)]).output.contains("Vendor"))
            await lab.simulator.clearFaults()
            #expect(try await tool("iscsi-inq", [url(lab, group, 1)]).output.contains("Vendor:NUTANIX"))
            let sessions = await lab.simulator.state().at("iscsi.sessions")?.int ?? 0
            await lab.simulator.set(Fault(event: .cutISCSI, bytes: 1 << 20))
            // libiscsi logs in again by itself after the cut.
            let read = try await Tool.run("/usr/bin/qemu-io", ["-c", "read -P 0 0 16M", image(lab, group, 1)])
            #expect(read.output.contains("read 16777216/16777216"), "\(read.output)")
            #expect(await lab.simulator.state().at("iscsi.sessions")?.int ?? 0 > sessions)
        }
    }

    @Test("a detached client is out, and the group can go")
    func detach() async throws {
        try await TestLab.run { lab in
            let group = try await attach(lab, await lab.protect("web").disks)
            let path = "\(groups)/\(group)"
            let clients = try await lab.data("/api/volumes/v4.0/config/iscsi-clients")
            #expect(await lab.call("DELETE", path, headers: await lab.etag(path)).status == 409)
            let answer = await lab.call(
                "POST", path + "/$actions/detach-iscsi-client", ["extId": clients[0]?["extId"] ?? .null],
                headers: await lab.etag(path))
            #expect(try await lab.task(answer)["status"] == "SUCCEEDED")
            let refused = try await tool("iscsi-inq", [url(lab, group, 1)])
            #expect(refused.output.contains("Target not found"), "\(refused.output)")
            let gone = try await lab.task(await lab.call("DELETE", path, headers: await lab.etag(path)))
            #expect(gone["status"] == "SUCCEEDED")
            #expect(await lab.simulator.state()["volumeGroups"] == [])
        }
    }

    @Test("without a data services IP nobody can be attached")
    func noDataServices() async throws {
        try await TestLab.run { lab in
            await lab.simulator.set(Fault(event: .unsetDataServices, name: "prod"))
            let clusters = try await lab.data("/api/clustermgmt/v4.0/config/clusters?$filter=name eq 'prod'")
            #expect(clusters[0]?.at("network.externalDataServiceIp") == nil)
            let point = try await lab.protect("idle")
            let spec: JSONValue = [
                "name": "group", "clusterReference": .string(Identity.named("cluster/prod")),
                "disks": [
                    [
                        "diskDataSourceReference": [
                            "extId": .string(point.disks[0]), "entityType": "DISK_RECOVERY_POINT",
                        ]
                    ]
                ],
            ]
            let made = try await lab.task(await lab.call("POST", groups, spec))
            let path = "\(groups)/\(made["entitiesAffected"]?[0]?["extId"]?.string ?? "")"
            let answer = await lab.call(
                "POST", path + "/$actions/attach-iscsi-client", ["iscsiInitiatorName": .string(initiator)],
                headers: await lab.etag(path))
            let task = try await lab.task(answer)
            #expect(task["errorMessages"]?[0]?["errorGroup"] == "DATA_SERVICES_IP_NOT_CONFIGURED")
        }
    }
}
