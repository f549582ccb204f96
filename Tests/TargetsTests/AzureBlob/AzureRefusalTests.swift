import Engine
import EngineContracts
import Testing

@testable import Targets

@Suite("What the target azure-blob says when it is refused", .timeLimit(.minutes(20)))
struct AzureRefusalTests {
    private static let list =
        "<?xml version=\"1.0\"?><EnumerationResults><Blobs/><NextMarker/></EnumerationResults>"

    private func body(_ code: String) -> String {
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>\(code)</Code><Message>Sorry.\nRequestId:R\nTime:T"
            + "</Message></Error>"
    }

    @Test(
        "each refusal has its kind, and says what to do",
        arguments: [
            (404, "ContainerNotFound", EngineError.Kind.configuration, "createContainer"),
            (409, "ContainerBeingDeleted", .failed, "being deleted"),
            (403, "AuthenticationFailed", .denied, "key is not one of the account"),
            (403, "AccountIsDisabled", .denied, "portal"),
            (503, "ServerBusy", .rateLimited, "ServerBusy"),
            (500, "OperationTimedOut", .failed, "OperationTimedOut"),
            (400, "InvalidResourceName", .configuration, "InvalidResourceName"),
        ])
    func canned(status: Int, code: String, kind: EngineError.Kind, words: String) async throws {
        let headers = ["x-ms-request-id: R-17", "x-ms-client-request-id: C-18", "x-ms-error-code: \(code)"]
        let relay = try HTTPRelay(
            to: nil, [.init("GET", "", .answer(status, headers: headers, body: body(code)), times: 99)])
        let target = try AzureBlobTarget.test(endpoint: relay.endpoint, policy: .once)
        let error = await #expect(throws: EngineError.self) { try await target.open() }
        let message = error?.message ?? ""
        #expect(error?.kind == kind, "\(message)")
        #expect(message.contains(words) && message.contains("R-17") && message.contains("C-18"), "\(message)")
        #expect(message.contains("backups") && message.contains("tester") && !message.contains("\n"), "\(message)")
        #expect(!message.contains(AzureBlobTarget.testKey))
        #expect(error?.isRetryable == (status >= 500 || code == "ContainerBeingDeleted"))
    }

    @Test("a shared access signature that ended is told as that, and never shown")
    func expired() async throws {
        let relay = try HTTPRelay(
            to: nil, [.init("GET", "", .answer(403, headers: ["x-ms-error-code: AuthenticationFailed"]), times: 9)])
        let sas = "sv=2021-12-02&se=2020-01-01T00%3A00%3A00Z&sp=racwdl&sig=c2VjcmV0LXNpZ25hdHVyZQ%3D%3D"
        let target = try AzureBlobTarget.test(["sas": Setting("?" + sas)], endpoint: relay.endpoint)
        let error = await #expect(throws: EngineError.self) { try await target.open() }
        #expect(error?.kind == .denied)
        #expect(error?.message.contains("ended at Wed, 01 Jan 2020") == true, "\(error as Any)")
        #expect(error?.description.contains("c2Vjcm") == false)
        #expect(relay.requests.first?.address.hasSuffix(sas) == true)
        #expect(relay.requests.first?.head.lowercased().contains("authorization:") == false)
    }

    @Test("a clock that is wrong is told, with both times")
    func skew() async throws {
        let relay = try HTTPRelay(
            to: nil, [.init("GET", "", .answer(403, headers: ["x-ms-error-code: AuthenticationFailed"]), times: 9)])
        let target = try AzureBlobTarget.test(
            endpoint: relay.endpoint, clock: { Timestamp.now().adding(seconds: 3600) })
        let error = await #expect(throws: EngineError.self) { try await target.open() }
        #expect(error?.message.contains("clocks differ") == true, "\(error as Any)")
        #expect(error?.message.contains(HTTPDate.text(.now()).prefix(16)) == true)
    }

    @Test("a container that vanished is no absent blob")
    func vanished() async throws {
        let gone = HTTPRelay.Fault.answer(404, headers: ["x-ms-error-code: ContainerNotFound"])
        let relay = try HTTPRelay(
            to: nil,
            [
                .init("GET", "comp=list", .answer(200, body: Self.list)), .init("HEAD", "", gone, times: 9),
                .init("DELETE", "", gone, times: 9),
            ])
        let target = try AzureBlobTarget.test(endpoint: relay.endpoint)
        try await target.open()
        for error in [
            await #expect(throws: EngineError.self) { _ = try await target.size(of: ObjectKey("data/a")) },
            await #expect(throws: EngineError.self) { try await target.delete(ObjectKey("data/a")) },
        ] {
            #expect(error?.kind == .configuration && error?.message.contains("no container `backups`") == true)
        }
    }

    @Test(
        "settings that cannot work are refused before anything is tried",
        arguments: [
            (["sas": "sv=1&sig=2", "key": "a2V5"], "exactly one"), (["container": "Backups"], "container"),
            (["account": "a b"], "account"), (["partSize": "0"], "partSize"), (["style": "up"], "host, path"),
            (["sas": "sv=1&sig=2", "endpoint": "http://blob.example"], "https"),
            (["clientCredentials": Setting.block(["tenant": "t", "clientId": "c"])], "secret"),
        ] as [([String: Setting], String)])
    func settings(changes: [String: Setting], words: String) throws {
        let error = #expect(throws: EngineError.self) {
            try AzureBlobTarget.test(changes, endpoint: "http://127.0.0.1:1")
        }
        #expect(error?.kind == .configuration && error?.message.contains(words) == true, "\(error as Any)")
    }

    @Test("it keeps each promise of plug-ins", arguments: PluginContract.cases)
    func pluginPromise(_ one: PluginContract.Case) async throws {
        let sample = Setting.block([
            "clientCredentials": .block(["tenant": "t", "clientId": "c", "secret": "env:S"]),
            "managedIdentity": .block([:]),
        ])
        try await one.run(PluginSubject(AzureBlobTarget.self, sample: sample))
    }
}
