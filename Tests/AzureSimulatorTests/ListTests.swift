import Testing

@testable import AzureSimulator

@Suite("Azure lists")
struct AzureListTests {
    static let list = "cont?restype=container&comp=list"

    @Test("a list is in byte order, keeps to its prefix and comes in pages")
    func pages() async throws {
        try await TestAzure.run { azure in
            for name in ["b/2", "a", "b/1", "B", "b/10", "c", "%C3%A9"] { try await azure.put(name, [1]) }
            let all = try await azure.call("GET", Self.list)
            #expect(all.elements("Name") == ["B", "a", "b/1", "b/10", "b/2", "c", "é"])
            #expect(all.text.contains("<NextMarker />") && all.elements("Content-Length").allSatisfy { $0 == "1" })
            var names: [String] = []
            var marker = ""
            var pages = 0
            repeat {
                let page = try await azure.call("GET", "\(Self.list)&prefix=b%2F&maxresults=2&marker=\(marker)")
                #expect(page.elements("Prefix") == ["b/"] && page.elements("MaxResults") == ["2"])
                names += page.elements("Name")
                marker = TestSigner.escape(page.elements("NextMarker").first ?? "")
                pages += 1
            } while !marker.isEmpty && pages < 9
            #expect(names == ["b/1", "b/10", "b/2"] && pages == 2)
        }
    }

    @Test("a delimiter folds names, also over the ends of pages")
    func delimiter() async throws {
        try await TestAzure.run { azure in
            for name in ["a/1", "a/2", "b", "c/1"] { try await azure.put(name, [1]) }
            let page = try await azure.call("GET", "\(Self.list)&delimiter=%2F")
            #expect(
                page.elements("Name") == ["a/", "b", "c/"]
                    && page.text.contains("<BlobPrefix><Name>c/</Name></BlobPrefix>"))
            let first = try await azure.call("GET", "\(Self.list)&delimiter=%2F&maxresults=1")
            #expect(first.elements("Name") == ["a/"])
            let marker = TestSigner.escape(first.elements("NextMarker")[0])
            #expect(
                try await azure.call("GET", "\(Self.list)&delimiter=%2F&marker=\(marker)").elements("Name") == [
                    "b", "c/",
                ])
        }
    }

    @Test("metadata and uncommitted blobs are listed when they are asked for")
    func include() async throws {
        try await TestAzure.run { azure in
            try await azure.put("a", [1], ["x-ms-meta-k": "v"])
            #expect(try await azure.call("PUT", "cont/u?comp=block&blockid=AAAA", [:], [1]).status == 201)
            let plain = try await azure.call("GET", Self.list)
            #expect(plain.elements("Name") == ["a"] && plain.elements("k").isEmpty)
            let more = try await azure.call("GET", "\(Self.list)&include=metadata,uncommittedblobs")
            #expect(more.elements("Name") == ["a", "u"] && more.elements("k") == ["v"])
        }
    }

    @Test("a name that XML cannot carry comes encoded")
    func encodedNames() async throws {
        try await TestAzure.run { azure in
            try await azure.put("x%01y%26", [1])
            #expect(try await azure.call("GET", Self.list).text.contains("<Name Encoded=\"true\">x%01y%26</Name>"))
        }
    }

    @Test("markers and sizes that are none are refused")
    func wrong() async throws {
        try await TestAzure.run { azure in
            let cases = [
                ("maxresults=0", "OutOfRangeQueryParameterValue"), ("maxresults=x", "InvalidQueryParameterValue"),
                ("marker=zzz", "InvalidQueryParameterValue"),
            ]
            for (query, code) in cases {
                let answer = try await azure.call("GET", "\(Self.list)&\(query)")
                #expect(answer.status == 400 && answer.code == code)
            }
        }
    }

    @Test("a short or empty page has a marker while there is more")
    func shortPages() async throws {
        try await TestAzure.run { azure in
            for name in ["a", "b"] { try await azure.put(name, [1]) }
            azure.server.faults.limitLists(to: 0, next: 1)
            let empty = try await azure.call("GET", Self.list)
            #expect(empty.status == 200 && empty.elements("Name").isEmpty)
            let marker = TestSigner.escape(empty.elements("NextMarker")[0])
            #expect(try await azure.call("GET", "\(Self.list)&marker=\(marker)").elements("Name") == ["a", "b"])
        }
    }
}
