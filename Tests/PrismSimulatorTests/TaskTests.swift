import Testing

@testable import PrismSimulator

@Suite("Tasks")
struct TaskTests {
    private let points = "/api/dataprotection/v4.0/config/recovery-points"

    private func request(_ lab: TestLab) async throws -> WebResponse {
        let vm = try await lab.machine("web")["extId"] ?? .null
        return await lab.call("POST", points, ["name": "x", "vmRecoveryPoints": [["vmExtId": vm]]])
    }

    @Test("a task is queued, then runs, then has its entities")
    func course() async throws {
        try await TestLab.run(settings: "{ tasks: { queuedPolls: 2, runningPolls: 3 } }") { lab in
            let response = try await request(lab)
            let id = try #require(response.json.at("data.extId")?.string)
            #expect(id.hasPrefix("ZXJnb24=:") && response.status == 202)
            await lab.simulator.world.settle()
            var seen: [String] = []
            for _ in 0..<6 {
                let task = try await lab.data("/api/prism/v4.0/config/tasks/\(id)")
                seen.append(task["status"]?.string ?? "")
                #expect((task["entitiesAffected"] != nil) == (seen.last == "SUCCEEDED"))
            }
            #expect(seen == ["QUEUED", "QUEUED", "RUNNING", "RUNNING", "RUNNING", "SUCCEEDED"])
        }
    }

    @Test("entities can come later than the end")
    func late() async throws {
        let faults = "[{ operation: createRecoveryPoint, task: late-entities }]"
        try await TestLab.run(settings: "{ tasks: { queuedPolls: 0, runningPolls: 0 } }", faults: faults) { lab in
            let id = try await #require(request(lab).json.at("data.extId")?.string)
            await lab.simulator.world.settle()
            var seen: [Bool] = []
            for _ in 0..<4 {
                let task = try await lab.data("/api/prism/v4.0/config/tasks/\(id)")
                #expect(task["status"] == "SUCCEEDED")
                seen.append(task["entitiesAffected"] != nil)
            }
            #expect(seen.first == false && seen.last == true)
        }
    }

    @Test("a failed task says why; one that fails leaving its work has done it")
    func failures() async throws {
        let faults = """
            [{ operation: createRecoveryPoint, call: 1, task: fail },
             { operation: createRecoveryPoint, call: 2, task: fail-leaving }]
            """
        try await TestLab.run(faults: faults) { lab in
            let first = try await lab.task(await request(lab))
            #expect(first["status"] == "FAILED" && first["errorMessages"]?[0]?["errorGroup"] == "SIMULATED_FAULT")
            #expect(try await lab.data(points) == .null)
            let second = try await lab.task(await request(lab))
            #expect(second["status"] == "FAILED" && second["entitiesAffected"] == nil)
            #expect(try await lab.data(points).elements.count == 1)
        }
    }

    @Test("a task that never ends runs on until it is cancelled")
    func endless() async throws {
        try await TestLab.run(faults: "[{ operation: createRecoveryPoint, task: never-ends }]") { lab in
            let id = try await #require(request(lab).json.at("data.extId")?.string)
            let path = "/api/prism/v4.0/config/tasks/\(id)"
            for _ in 0..<20 { _ = await lab.call("GET", path) }
            #expect(try await lab.data(path)["status"] == "RUNNING")
            let answer = await lab.call("POST", path + "/$actions/cancel")
            #expect(try answer.json.at("data.errorGroup") == "TASK_CANCELLATION_SUCCESS")
            #expect(try await lab.data(path)["status"] == "CANCELED")
            #expect(await lab.call("POST", path + "/$actions/cancel").status == 409)
        }
    }
}
