import AzureSimulator
import Foundation
import Testing

@Suite("Azure faults")
struct AzureFaultTests {
    @Test("the next requests of an operation fail as they are told, and no others")
    func fail() async throws {
        try await TestAzure.run { azure in
            azure.server.faults.fail("PutBlob", next: 2, status: 503, code: "ServerBusy", retryAfter: 3)
            let first = try await azure.put("b", [1])
            #expect(first.status == 503 && first.code == "ServerBusy" && first["retry-after"] == "3")
            #expect(try await azure.call("HEAD", "cont/b").status == 404)
            #expect(try await azure.put("b", [1]).status == 503)
            #expect(try await azure.put("b", [1]).status == 201)
            #expect(azure.server.requests.map(\.status) == [503, 404, 503, 201])
            #expect(
                azure.server.requests[0].code == "ServerBusy" && azure.server.requests[0].authorization == "SharedKey")
        }
    }

    @Test("an answer that is lost belongs to a request that was done")
    func lostAnswer() async throws {
        try await TestAzure.run { azure in
            azure.server.faults.loseAnswer("PutBlob")
            let (path, fields) = try Self.signed(azure, "PUT", "cont/b", ["x-ms-blob-type": "BlockBlob"], [1])
            #expect(try await azure.attempt("PUT", path, fields, [1]) == nil)
            #expect(try await azure.put("b", [1], ["if-none-match": "*"]).code == "BlobAlreadyExists")
        }
    }

    @Test("a body that is cut off leaves nothing")
    func cutRequest() async throws {
        try await TestAzure.run { azure in
            azure.server.faults.cutRequest("PutBlob", after: 10)
            let body = [UInt8](repeating: 1, count: 100_000)
            let (path, fields) = try Self.signed(azure, "PUT", "cont/b", ["x-ms-blob-type": "BlockBlob"], body)
            #expect(try await azure.attempt("PUT", path, fields, body) == nil)
            #expect(try await azure.call("HEAD", "cont/b").status == 404)
        }
    }

    @Test("an answer that is cut off says how long it should have been")
    func cutAnswer() async throws {
        try await TestAzure.run { azure in
            try await azure.put("b", [UInt8](repeating: 1, count: 1000))
            azure.server.faults.cutAnswer("GetBlob", after: 10)
            let cut = try await azure.call("GET", "cont/b")
            #expect(cut.status == 200 && cut["content-length"] == "1000" && cut.body.count == 10)
            #expect(try await azure.call("GET", "cont/b").body.count == 1000)
        }
    }

    @Test("connections are closed, and open again when faults are taken back")
    func close() async throws {
        try await TestAzure.run { azure in
            azure.server.faults.close()
            let (path, fields) = try Self.signed(azure, "GET", "cont/b", [:], [])
            #expect(try await azure.attempt("GET", path, fields) == nil)
            azure.server.faults.clear()
            #expect(try await azure.attempt("GET", path, fields)?.status == 404)
        }
    }

    @Test("deletes can be denied, and faults can be for some blobs only")
    func deny() async throws {
        try await TestAzure.run { azure in
            try await azure.put("b", [1])
            azure.server.faults.denyDelete()
            let denied = try await azure.call("DELETE", "cont/b")
            #expect(denied.status == 403 && denied.code == "AuthorizationPermissionMismatch")
            azure.server.faults.clear()
            var fault = Fault(operation: "*", path: "cont/x")
            fault.status = 500
            azure.server.faults.add(fault)
            #expect(try await azure.call("GET", "cont/x").status == 500)
            #expect(try await azure.call("GET", "cont/b").status == 200)
        }
    }

    @Test("the control endpoint takes faults from whoever has the simulator's key")
    func control() async throws {
        try await TestAzure.run { azure in
            let order = Array(#"{ "operation": "GetBlob", "count": 1, "status": 500 }"#.utf8)
            var fields = ["content-length": "\(order.count)"]
            #expect(try await azure.send("POST", "/_faults", fields, order).status == 403)
            fields["x-simulator-key"] = azure.server.controlKey
            #expect(try await azure.send("POST", "/_faults", fields, order).status == 204)
            #expect(try await azure.call("GET", "cont/b").status == 500)
            #expect(try await azure.call("GET", "cont/b").status == 404)
            let unknown = Array(#"{ "operation": "GetBlob", "colour": 1 }"#.utf8)
            fields["content-length"] = "\(unknown.count)"
            let refused = try await azure.send("POST", "/_faults", fields, unknown)
            #expect(refused.status == 400 && refused.text.contains("colour"))
            fields["content-length"] = nil
            let log = try await azure.send("GET", "/_faults", fields)
            #expect(log.status == 200 && log.text.contains(#""operation":"GetBlob""#))
        }
    }

    @Test("bodies can be kept in a folder, which is empty again when blobs and simulator are gone")
    func folder() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "azure-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var settings = AzureSettings()
        settings.folder = folder
        try await TestAzure.run(settings) { azure in
            try await azure.put("b", Array("in a file".utf8))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 1)
            #expect(try await azure.call("GET", "cont/b", ["x-ms-range": "bytes=3-6"]).text == "a fi")
            try await azure.put("b", Array("again".utf8))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 1)
            #expect(try await azure.call("GET", "cont/b").text == "again")
            #expect(try await azure.call("DELETE", "cont/b").status == 202)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        }
    }

    private static func signed(
        _ azure: TestAzure, _ method: String, _ target: String, _ headers: [String: String], _ body: [UInt8]
    ) throws -> (String, [String: String]) {
        let (path, fields) = azure.prepared(method, target, headers, body, Date(), "2021-12-02")
        let signature = TestSigner.sharedKey(method, path, fields, key: TestAzure.account.keys[0])
        return (path, fields.merging(["authorization": "SharedKey devstoreaccount1:\(signature)"]) { $1 })
    }
}
