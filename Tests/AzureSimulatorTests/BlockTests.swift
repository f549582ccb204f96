import Testing

@Suite("Azure blocks")
struct AzureBlockTests {
    private static func list(_ blocks: [(String, String)]) -> [UInt8] {
        let entries = blocks.map { "<\($0.0)>\($0.1)</\($0.0)>" }.joined()
        return Array("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<BlockList>\(entries)</BlockList>".utf8)
    }

    @Test("blocks become a blob by their list, in its order")
    func commit() async throws {
        try await TestAzure.run { azure in
            #expect(try await azure.call("PUT", "cont/b?comp=block&blockid=QUFB", [:], Array("one".utf8)).status == 201)
            #expect(try await azure.call("PUT", "cont/b?comp=block&blockid=QkJC", [:], Array("two".utf8)).status == 201)
            #expect(try await azure.call("GET", "cont/b").status == 404)
            let blocks = try await azure.call("GET", "cont/b?comp=blocklist&blocklisttype=all")
            #expect(blocks.elements("Name") == ["QUFB", "QkJC"] && blocks.elements("Size") == ["3", "3"])
            let done = try await azure.call(
                "PUT", "cont/b?comp=blocklist",
                ["x-ms-blob-content-md5": "AAAAAAAAAAAAAAAAAAAAAA==", "x-ms-meta-w": "1"],
                Self.list([("Latest", "QkJC"), ("Uncommitted", "QUFB"), ("Latest", "QkJC")]))
            #expect(done.status == 201)
            let blob = try await azure.call("GET", "cont/b")
            #expect(blob.text == "twoonetwo" && blob["content-md5"] == "AAAAAAAAAAAAAAAAAAAAAA==")
            #expect(try await azure.call("GET", "cont/b", ["x-ms-range": "bytes=2-6"]).text == "oonet")
            #expect(blob["x-ms-meta-w"] == "1")
            let left = try await azure.call("GET", "cont/b?comp=blocklist&blocklisttype=uncommitted")
            #expect(left.elements("Name").isEmpty)
        }
    }

    @Test("a committed list can take blocks over, and forgets what it does not name")
    func again() async throws {
        try await TestAzure.run { azure in
            for id in ["QUFB", "QkJC"] {
                _ = try await azure.call("PUT", "cont/b?comp=block&blockid=\(id)", [:], Array(id.utf8))
            }
            _ = try await azure.call("PUT", "cont/b?comp=blocklist", [:], Self.list([("Latest", "QUFB")]))
            #expect(try await azure.call("GET", "cont/b").text == "QUFB")
            let gone = try await azure.call("PUT", "cont/b?comp=blocklist", [:], Self.list([("Latest", "QkJC")]))
            #expect(gone.status == 400 && gone.code == "InvalidBlockList")
            let kept = try await azure.call("PUT", "cont/b?comp=blocklist", [:], Self.list([("Committed", "QUFB")]))
            #expect(kept.status == 201)
            let once = try await azure.call(
                "PUT", "cont/b?comp=blocklist", ["if-none-match": "*"], Self.list([("Committed", "QUFB")]))
            #expect(once.status == 409 && once.code == "BlobAlreadyExists")
        }
    }

    @Test("ids of one blob have one length, and at most 64 bytes")
    func ids() async throws {
        try await TestAzure.run { azure in
            #expect(try await azure.call("PUT", "cont/b?comp=block&blockid=QUFB", [:], [1]).status == 201)
            let longer = try await azure.call("PUT", "cont/b?comp=block&blockid=QUFBQUFB", [:], [1])
            #expect(longer.status == 400 && longer.code == "InvalidBlobOrBlock")
            let wide = TestSigner.escape(String(repeating: "QUFB", count: 22))
            #expect(
                try await azure.call("PUT", "cont/c?comp=block&blockid=\(wide)", [:], [1]).code
                    == "InvalidQueryParameterValue")
            #expect(
                try await azure.call("PUT", "cont/c?comp=block&blockid=%21", [:], [1]).code
                    == "InvalidQueryParameterValue")
            #expect(try await azure.call("PUT", "cont/c?comp=block", [:], [1]).code == "MissingRequiredQueryParameter")
            #expect(
                try await azure.call("PUT", "cont/b?comp=blocklist", [:], Array("<no".utf8)).code
                    == "InvalidXmlDocument")
        }
    }

    @Test("putting a whole blob drops uncommitted blocks")
    func replaced() async throws {
        try await TestAzure.run { azure in
            _ = try await azure.call("PUT", "cont/b?comp=block&blockid=QUFB", [:], [1])
            try await azure.put("b", [9])
            let list = try await azure.call("GET", "cont/b?comp=blocklist&blocklisttype=all")
            #expect(list.elements("Name").isEmpty && list["x-ms-blob-content-length"] == "1")
        }
    }
}
