import Testing

@testable import PrismSimulator

@Suite("Calls")
struct CallTests {
    private let vms = "/api/vmm/v4.2/ahv/config/vms"
    private let groups = "/api/volumes/v4.0/config/volume-groups"

    @Test("sign-in by password and key, and 401 without a body for everybody else")
    func signingIn() async throws {
        try await TestLab.run { lab in
            #expect(await lab.call("GET", vms).status == 200)
            #expect(await lab.call("GET", vms, headers: ["X-ntnx-api-key": "test-key"], signedIn: false).status == 200)
            for headers in [["X-ntnx-api-key": "x"], ["Authorization": "Basic YWRtaW46eA=="], [:]] {
                let answer = await lab.call("GET", vms, headers: headers, signedIn: false)
                #expect(answer.status == 401 && answer.body.isEmpty)
            }
        }
    }

    @Test("a session is carried by its cookies, until it expires")
    func sessions() async throws {
        try await TestLab.run { lab in
            let fields = await lab.call("GET", vms).headers.filter { $0.name == "Set-Cookie" }.map(\.value)
            #expect(fields.count == 3 && fields.allSatisfy { $0.contains("; Secure; HttpOnly") })
            let cookies = fields.flatMap { WebRequest.cookies(String($0.prefix { $0 != ";" })) }
            let answer = await lab.call("GET", vms, cookies: cookies, signedIn: false)
            #expect(answer.status == 200 && answer["Set-Cookie"] == nil)
            await lab.simulator.set(Fault(event: .expireSessions))
            #expect(await lab.call("GET", vms, cookies: cookies, signedIn: false).status == 401)
        }
    }

    @Test("If-Match is wanted, must be well formed and must be current")
    func entityTags() async throws {
        try await TestLab.run { lab in
            let path = "\(vms)/\(try await lab.machine("idle")["extId"]?.string ?? "")"
            let old = await lab.etag(path)
            let action = path + "/$actions/power-on"
            let missing = await lab.call("POST", action)
            #expect(missing.status == 428)
            #expect(
                try missing.message("code") == "PLAT-10004" && missing.message("errorGroup") == "MISSING_ETAG_HEADER")
            let malformed = await lab.call("POST", action, headers: ["If-Match": "*"])
            #expect(malformed.status == 412)
            #expect(try malformed.message("code") == "PLAT-10005")
            #expect(try await lab.task(await lab.call("POST", action, headers: old))["status"] == "SUCCEEDED")
            let stale = await lab.call("DELETE", path, headers: old)
            #expect(stale.status == 412)
            #expect(try stale.message("errorGroup") == "VM_ETAG_MISMATCH")
            #expect(try await lab.data(path)["powerState"] == "ON")
        }
    }

    @Test("a stale ETag can also fail the task instead of the call")
    func staleTagFailsTask() async throws {
        try await TestLab.run(settings: "{ staleEntityTag: fail-task }") { lab in
            let path = "\(vms)/\(try await lab.machine("idle")["extId"]?.string ?? "")"
            let old = await lab.etag(path)
            _ = try await lab.task(await lab.call("POST", path + "/$actions/power-on", headers: old))
            let task = try await lab.task(await lab.call("DELETE", path, headers: old))
            #expect(task["status"] == "FAILED" && task["errorMessages"]?[0]?["code"] == "VMM-30303")
            #expect(await lab.call("GET", path).status == 200)
        }
    }

    @Test("a write needs a request id, and the same one again gets the first answer")
    func idempotence() async throws {
        try await TestLab.run { lab in
            let cluster = Identity.named("cluster/prod")
            let body: JSONValue = ["name": "g", "clusterReference": .string(cluster)]
            #expect(await lab.call("POST", groups, body, headers: ["ntnx-request-id": ""]).status == 400)
            let first = await lab.call("POST", groups, body, headers: ["ntnx-request-id": "one"])
            let again = await lab.call("POST", groups, body, headers: ["ntnx-request-id": "one"])
            let other = await lab.call("POST", groups, body, headers: ["ntnx-request-id": "two"])
            #expect(first.body == again.body && first.body != other.body)
            _ = try await lab.task(first)
            _ = try await lab.task(other)
            #expect(try await lab.data(groups).elements.count == 2)
        }
    }

    @Test("a lost answer is made good by the same request id")
    func lostAnswer() async throws {
        let faults = "[{ operation: createVolumeGroup, call: 1, status: 503, body: empty, after: true }]"
        try await TestLab.run(faults: faults) { lab in
            let body: JSONValue = ["name": "g", "clusterReference": .string(Identity.named("cluster/prod"))]
            let lost = await lab.call("POST", groups, body, headers: ["ntnx-request-id": "one"])
            #expect(lost.status == 503 && lost.body.isEmpty)
            _ = try await lab.task(await lab.call("POST", groups, body, headers: ["ntnx-request-id": "one"]))
            #expect(try await lab.data(groups).elements.count == 1)
        }
    }

    @Test("faults hit the calls they name, with the status and body they name")
    func faults() async throws {
        let faults = """
            [{ operation: getVM, from: 2, to: 3, status: 503 }, { operation: listVMs, call: 1, status: 500, body: html },
             { operation: listClusters, call: 1, status: 400, body: schema }]
            """
        try await TestLab.run(faults: faults) { lab in
            let html = await lab.call("GET", vms)
            #expect(html.status == 500 && html["Content-Type"] == "text/html")
            let path = "\(vms)/\(try await lab.machine("idle")["extId"]?.string ?? "")"
            var statuses: [Int] = []
            for _ in 0..<4 { statuses.append(await lab.call("GET", path).status) }
            #expect(statuses == [200, 503, 503, 200])
            let schema = await lab.call("GET", "/api/clustermgmt/v4.0/config/clusters")
            #expect(try schema.json.at("data.error.statusCode") == 400)
            #expect(await lab.simulator.calls()["getVM"] == 4)
        }
    }

    @Test("over the limit of an operation comes 429, and the headers say so")
    func limits() async throws {
        try await TestLab.run(settings: "{ rateLimits: { operations: { listVMs: 2 } } }") { lab in
            var answers: [WebResponse] = []
            for _ in 0..<6 { answers.append(await lab.call("GET", vms)) }
            #expect(answers[0].status == 200 && answers[0]["X-Api-Ratelimit-Limit"] == "2")
            // Six calls touch two seconds at most, so that at least two are too many.
            #expect(answers.count { $0.status == 429 } >= 2)
            let refused = try #require(answers.first { $0.status == 429 })
            #expect(try refused.message("errorGroup") == "RATE_LIMIT_EXCEEDED")
        }
    }

    @Test("a namespace serves no newer version than it is set to")
    func versions() async throws {
        try await TestLab.run(settings: "{ version: v4.2, versions: { vmm: v4.1, volumes: v4.0 } }") { lab in
            #expect(await lab.call("GET", vms).status == 404)
            #expect(await lab.call("GET", "/api/vmm/v4.1/ahv/config/vms").status == 200)
            #expect(await lab.call("GET", "/api/volumes/v4.1/config/volume-groups").status == 404)
            #expect(await lab.call("OPTIONS", "/api/vmm/unversioned/info").status == 404)
            let version = try await lab.call("OPTIONS", "/api/prism/unversioned/info").json
            #expect(version == ["data": "v4.2"])
            #expect(await lab.call("GET", "/api/vmm/v4.0/ahv/config/vm-recovery-points").status == 404)
        }
    }

    @Test("unknown members are refused with a schema error that names them")
    func schema() async throws {
        try await TestLab.run { lab in
            let answer = await lab.call("POST", vms, ["name": "x", "colour": "red"])
            #expect(answer.status == 400)
            let messages = try answer.json.at("data.error.validationErrorMessages")
            #expect(messages?[0]?["attributePath"] == "/colour")
        }
    }

    @Test("an empty list has no data, and the list of VMs says that nothing is cut")
    func emptyList() async throws {
        try await TestLab.run { lab in
            let answer = try await lab.call("GET", groups).json
            #expect(answer["data"] == nil && answer.at("metadata.totalAvailableResults") == 0)
            let list = try await lab.call("GET", vms).json
            #expect(list.at("metadata.extraInfo")?[0]?["name"] == "truncatedIndexes")
        }
    }
}
