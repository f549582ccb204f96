import AzureSimulator
import Engine
import Targets
import Testing
import Wire

@testable import Azure

@Suite("Operations of Azure that go on", .timeLimit(.minutes(10)))
struct LongOperationTests {
    private static func disk(_ client: ResourceClient, _ name: String = "one") -> (ResourceID, JSONValue) {
        (
            ResourceID(.disk, name, in: client.group),
            [
                "location": "westeurope", "properties": ["creationData": ["createOption": "Empty"], "diskSizeGB": 1],
            ]
        )
    }

    @Test("the end is waited for, however often one has to ask", arguments: [0, 1, 4])
    func polls(count: Int) async throws {
        var settings = AzureLab.settings
        settings.cloud.polls = count
        try await AzureLab.run(settings) { lab in
            let client = try ResourceClient(try lab.subscription())
            let (id, body) = Self.disk(client)
            let made = try await client.put(id, body)
            #expect(made["properties"]?["provisioningState"] == "Succeeded")
            #expect(lab.simulator.requests.count { $0.operation == "GetOperation" } == count + 1)
            let grant = try await client.post(id, "beginGetAccess", ["access": "Read", "durationInSeconds": 60])
            #expect(grant["accessSAS"]?.string?.contains("sig=") == true)
            _ = try await client.post(id, "endGetAccess")
            try await client.delete(id)
            #expect(try await client.find(id) == nil)
            try await client.delete(id)
        }
    }

    @Test("pauses are those that Azure asks for, and five seconds where it does not")
    func pauses() async throws {
        func pause(_ text: String?) -> Duration {
            LongOperation.pause(
                HTTPReply(status: 202, headers: text.map { [HTTPHeader("Retry-After", $0)] } ?? [], body: []))
        }
        #expect(pause(nil) == .seconds(5) && pause("0") == .zero && pause("7") == .seconds(7))
        #expect(pause("99999") == .seconds(120) && pause("soon") == .seconds(5))
        var settings = AzureLab.settings
        settings.cloud.retryAfter = 3
        settings.cloud.polls = 2
        try await AzureLab.run(settings) { lab in
            let pauses = Pauses()
            let client = try ResourceClient(try lab.subscription(policy: .instant(pauses)))
            let (id, body) = Self.disk(client)
            _ = try await client.put(id, body)
            #expect(pauses.all == [.seconds(3), .seconds(3), .seconds(3)])
        }
    }

    @Test("an operation that fails is told with its code, and what to do")
    func failure() async throws {
        try await AzureLab.run { lab in
            let client = try ResourceClient(try lab.subscription())
            let (id, body) = Self.disk(client)
            lab.simulator.faults.failLater("PutDisk", code: "SkuNotAvailable", message: "Not here.")
            let error = await #expect(throws: EngineError.self) { _ = try await client.put(id, body) }
            #expect(error?.kind == .unsupported && error?.message.contains("SkuNotAvailable: Not here.") == true)
            #expect(error?.message.contains("--size") == true)
        }
    }

    @Test("the removal of a group tells its end by a place alone")
    func location() async throws {
        try await AzureLab.run { lab in
            let client = try ResourceClient(try lab.subscription())
            try await client.delete(client.group)
            #expect(try await client.find(client.group) == nil)
        }
    }

    @Test(
        "throttling, refusals that pass and lost answers are tried again",
        arguments: [
            (429, "TooManyRequests"), (503, "ServerBusy"), (500, "InternalError"), (409, "Conflict"),
            (429, "RetryableErrorDueToAnotherOperation"), (0, ""),
        ])
    func transient(status: Int, code: String) async throws {
        try await AzureLab.run { lab in
            let client = try ResourceClient(try lab.subscription())
            let (id, body) = Self.disk(client)
            for operation in ["PutDisk", "GetOperation", "GetDisk"] {
                if status == 0 {
                    lab.simulator.faults.loseAnswer(operation, next: 2)
                } else {
                    lab.simulator.faults.fail(operation, next: 2, status: status, code: code, retryAfter: 1)
                }
            }
            #expect(try await client.put(id, body)["name"] == "one")
        }
    }

    @Test(
        "what does not pass is told at once",
        arguments: [
            (403, "AuthorizationFailed", EngineError.Kind.denied), (400, "InvalidParameter", .failed),
            (403, "RequestDisallowedByPolicy", .denied), (409, "QuotaExceeded", .noSpace),
            (409, "MissingSubscriptionRegistration", .configuration), (409, "PropertyChangeNotAllowed", .failed),
        ])
    func final(status: Int, code: String, kind: EngineError.Kind) async throws {
        try await AzureLab.run { lab in
            let client = try ResourceClient(try lab.subscription())
            let (id, body) = Self.disk(client)
            lab.simulator.faults.fail("PutDisk", next: 9, status: status, code: code)
            let error = await #expect(throws: EngineError.self) { _ = try await client.put(id, body) }
            #expect(error?.kind == kind && error?.message.contains(code) == true)
            #expect(lab.simulator.requests.count { $0.operation == "PutDisk" } == 1)
        }
    }

    @Test("a token is not sent to another host than that of Azure Resource Manager")
    func foreignHost() async throws {
        try await AzureLab.run { lab in
            let client = try ResourceClient(try lab.subscription())
            for url in ["https://evil.example/x", "http://127.0.0.1:1/x", "http://localhost/x"] {
                let call = ObjectCall(method: "GET", object: url, what: "look")
                let error = await #expect(throws: EngineError.self) { _ = try await client.transport.send(call) }
                #expect(error?.kind == .failed && lab.simulator.requests.isEmpty)
            }
        }
    }

    @Test("the details of an error say more than its outer code")
    func details() throws {
        let text = """
            { "error": { "code": "DeploymentFailed", "message": "At least one.", "details": [
              { "code": "QuotaExceeded", "message": "Too many cores." } ] } }
            """
        let problem = ResourceProblem(HTTPReply(status: 409, headers: [], body: Array(text.utf8)))
        #expect(problem.code == "QuotaExceeded" && problem.message.contains("Too many cores."))
        let empty = ResourceProblem(HTTPReply(status: 502, headers: [], body: Array("<html>".utf8)))
        #expect(empty.code == "status 502")
    }
}
