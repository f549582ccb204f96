import Testing

@testable import PrismSimulator

@Suite("Changed regions")
struct ChangedRegionTests {
    private let type = "dataprotection.v4.content."

    private func reference(_ point: Protected, _ disk: Int) -> JSONValue {
        [
            "$objectType": .string(type + "VmDiskRecoveryPointReference"), "recoveryPointExtId": .string(point.point),
            "vmRecoveryPointExtId": .string(point.part), "diskRecoveryPointExtId": .string(point.disks[disk]),
        ]
    }

    private func discover(
        _ lab: TestLab, _ point: Protected, since older: Protected? = nil, disk: Int = 0
    ) async -> WebResponse {
        var spec: JSONValue = [
            "$objectType": .string(type + "ComputeChangedRegionsClusterDiscoverSpec"),
            "diskRecoveryPoint": reference(point, disk),
        ]
        spec["referenceDiskRecoveryPoint"] = older.map { reference($0, disk) }
        return await lab.call(
            "POST", "/api/dataprotection/v4.0/config/recovery-points/\(point.point)/$actions/discover-cluster",
            ["operation": "COMPUTE_CHANGED_REGIONS", "spec": spec])
    }

    private func path(_ point: Protected, _ disk: Int) -> String {
        "/api/dataprotection/v4.0/content/recovery-points/\(point.point)/vm-recovery-points/\(point.part)"
            + "/disk-recovery-points/\(point.disks[disk])/$actions/compute-changed-regions"
    }

    /// One answer of the Prism Element.
    private func compute(
        _ lab: TestLab, _ point: Protected, since older: Protected? = nil, disk: Int = 0, offset: Int = 0
    ) async throws -> WebResponse {
        let token = try await discover(lab, point, since: older, disk: disk).json.at("data.jwtToken")?.string ?? ""
        var body: JSONValue = ["offset": .int(offset)]
        if let older {
            body["referenceRecoveryPointExtId"] = .string(older.point)
            body["referenceVmRecoveryPointExtId"] = .string(older.part)
            body["referenceDiskRecoveryPointExtId"] = .string(older.disks[disk])
        }
        return await lab.element(path(point, disk), body, cookies: [("NTNX_IGW_SESSION", token)])
    }

    private func extra(_ answer: WebResponse, _ name: String) throws -> JSONValue? {
        try answer.json.at("metadata.extraInfo")?.elements.first { $0["name"]?.string == name }?["value"]
    }

    /// `offset+length type` of every region of an answer.
    private func regions(_ answer: WebResponse) throws -> [String] {
        try answer.json["data"]?.elements.map {
            "\($0["offset"]?.int ?? -1)+\($0["length"]?.int ?? -1) \($0["regionType"]?.string ?? "")"
        } ?? []
    }

    @Test("a difference comes in pages, to the end", arguments: ["compare", "journal"])
    func pages(_ tracking: String) async throws {
        let settings = "{ changedRegions: { perAnswer: 2, numbersAsTexts: never, tracking: \(tracking) } }"
        try await TestLab.run(settings: settings) { lab in
            try await lab.simulator.write([1, 2, 3], to: "scsi.0", of: "web", at: 0)
            try await lab.simulator.write(Array(repeating: 5, count: 65536), to: "scsi.0", of: "web", at: 2 << 20)
            let first = try await lab.protect("web")
            for megabyte in [1, 4, 6] {
                try await lab.simulator.write([9], to: "scsi.0", of: "web", at: megabyte << 20)
            }
            try await lab.simulator.discard(2 << 20..<(2 << 20) + 65536, of: "scsi.0", of: "web")
            let second = try await lab.protect("web")
            let page = try await compute(lab, second, since: first)
            #expect(try regions(page) == ["1048576+65536 REGULAR", "2097152+65536 ZEROED"])
            #expect(try extra(page, "nextOffset") == 4_194_304 && extra(page, "fileSize") == 16_777_216)
            let rest = try await compute(lab, second, since: first, offset: 4_194_304)
            #expect(try regions(rest) == ["4194304+65536 REGULAR", "6291456+65536 REGULAR"])
            #expect(try extra(rest, "nextOffset") == 0)
            #expect(try regions(await compute(lab, second, since: second)).isEmpty)
        }
    }

    @Test("the last region is aligned outwards, past the end of an odd disk")
    func alignment() async throws {
        try await TestLab.run { lab in
            try await lab.simulator.write([1], to: "sata.1", of: "web", at: 1_000_447)
            let point = try await lab.protect("web")
            #expect(try regions(await compute(lab, point, disk: 1)) == ["983040+65536 REGULAR"])
        }
    }

    @Test("numbers come as texts now and then")
    func texts() async throws {
        try await TestLab.run(settings: "{ changedRegions: { numbersAsTexts: always, lastOffset: size } }") { lab in
            let answer = try await compute(lab, await lab.protect("web"))
            #expect(try extra(answer, "fileSize") == "16777216" && extra(answer, "nextOffset") == "16777216")
        }
    }

    @Test("a token is for its disks, its version and its time only")
    func tokens() async throws {
        try await TestLab.run { lab in
            let point = try await lab.protect("web")
            let answer = await discover(lab, point)
            let token = try #require(answer.json.at("data.jwtToken")?.string)
            #expect(try answer.json.at("data.clusterIp.ipv4.value")?.string == "\(lab.block).2")
            let cookie = [("NTNX_IGW_SESSION", token)]
            #expect(await lab.element(path(point, 0), [:], cookies: cookie).status == 200)
            #expect(await lab.element(path(point, 0), [:], cookies: []).status == 401)
            #expect(await lab.element(path(point, 1), [:], cookies: cookie).status == 403)
            let bearer = ["Authorization": "Bearer \(token)"]
            #expect(await lab.element(path(point, 0), [:], cookies: [], headers: bearer).status == 403)
            let newer = path(point, 0).replacing("v4.0", with: "v4.1")
            #expect(await lab.element(newer, [:], cookies: cookie).status == 401)
            #expect(await lab.call("POST", path(point, 0), [:]).status == 501)
            #expect(await lab.element("/api/vmm/v4.0/ahv/config/vms", [:], cookies: cookie).status == 404)
            let forged = token.split(separator: ".").dropLast().joined(separator: ".") + ".AAAA"
            #expect(await lab.element(path(point, 0), [:], cookies: [("NTNX_IGW_SESSION", forged)]).status == 401)
            await lab.simulator.set(Fault(event: .expireSessions))
            #expect(await lab.element(path(point, 0), [:], cookies: cookie).status == 401)
        }
    }

    @Test("discovery wants the type of every oneOf member")
    func discoveryTypes() async throws {
        try await TestLab.run { lab in
            let point = try await lab.protect("web")
            var disk = reference(point, 0)
            disk["$objectType"] = nil
            let answer = await lab.call(
                "POST", "/api/dataprotection/v4.0/config/recovery-points/\(point.point)/$actions/discover-cluster",
                [
                    "operation": "COMPUTE_CHANGED_REGIONS",
                    "spec": [
                        "$objectType": .string(type + "ComputeChangedRegionsClusterDiscoverSpec"),
                        "diskRecoveryPoint": disk,
                    ],
                ])
            #expect(answer.status == 400)
        }
    }

    @Test("an expired or lost reference is 404")
    func lostReference() async throws {
        try await TestLab.run { lab in
            let older = try await lab.protect("web")
            let newer = try await lab.protect("web")
            await lab.simulator.world.update(.recoveryPoint, older.point) {
                $0.body["expirationTime"] = "2020-01-01T00:00:00Z"
            }
            #expect(await discover(lab, newer, since: older).status == 404)
            #expect(await discover(lab, newer).status == 200)
            await lab.simulator.set(Fault(event: .loseRecoveryPoints, name: "web"))
            #expect(await discover(lab, newer).status == 404)
            #expect(await lab.simulator.state()["recoveryPoints"] == [])
        }
    }

    @Test("faults make the answers lie")
    func lies() async throws {
        try await TestLab.run(settings: "{ changedRegions: { numbersAsTexts: never } }") { lab in
            let point = try await lab.protect("web")
            await lab.simulator.set(Fault(event: .stuckOffset))
            #expect(try extra(await compute(lab, point, offset: 4096), "nextOffset") == 4096)
            await lab.simulator.set(Fault(event: .regionBeyondEnd))
            #expect(try regions(await compute(lab, point)) == ["16777216+1048576 REGULAR"])
        }
    }
}
