import Testing

@Suite("Azure blobs")
struct AzureBlobTests {
    @Test("what was put can be got, whole and in parts, with its checksums")
    func putAndGet() async throws {
        try await TestAzure.run { azure in
            let made = try await azure.put("a/b%20c", Array("hello, world".utf8), ["x-ms-meta-owner": "us"])
            #expect(made.status == 201 && made["content-md5"] == "5NfxtO0uQtFYmPSyewGdpA==")
            #expect(made["x-ms-content-crc64"] != nil && made["x-ms-request-id"] != nil)
            let whole = try await azure.call("GET", "cont/a/b%20c", ["x-ms-client-request-id": "mine"])
            #expect(whole.status == 200 && whole.text == "hello, world" && whole["etag"] == made["etag"])
            #expect(whole["x-ms-meta-owner"] == "us" && whole["x-ms-blob-type"] == "BlockBlob")
            #expect(whole["x-ms-client-request-id"] == "mine" && whole["x-ms-version"] == "2021-12-02")
            let part = try await azure.call("GET", "cont/a/b%20c", ["x-ms-range": "bytes=7-100"])
            #expect(part.status == 206 && part.text == "world" && part["content-range"] == "bytes 7-11/12")
            #expect(part["content-md5"] == nil && part["x-ms-blob-content-md5"] == made["content-md5"])
            #expect(try await azure.call("GET", "cont/a/b%20c", ["range": "bytes=0-0"]).text == "h")
            let past = try await azure.call("GET", "cont/a/b%20c", ["x-ms-range": "bytes=12-"])
            #expect(past.status == 416 && past.code == "InvalidRange" && past["content-range"] == "bytes */12")
            let head = try await azure.call("HEAD", "cont/a/b%20c")
            #expect(head.status == 200 && head["content-length"] == "12" && head.body.isEmpty)
            #expect(try await azure.call("DELETE", "cont/a/b%20c").status == 202)
            let gone = try await azure.call("HEAD", "cont/a/b%20c")
            #expect(gone.status == 404 && gone.code == "BlobNotFound" && gone.body.isEmpty)
        }
    }

    @Test("an error has its code in a field and in XML, and the ids of the request")
    func errors() async throws {
        try await TestAzure.run { azure in
            let answer = try await azure.call("GET", "other/x")
            #expect(answer.status == 404 && answer.code == "ContainerNotFound")
            #expect(answer.elements("Code") == ["ContainerNotFound"])
            let id = try #require(answer["x-ms-request-id"])
            #expect(answer.elements("Message")[0].contains("RequestId:\(id)\nTime:"))
            #expect(answer.body.starts(with: [0xEF, 0xBB, 0xBF]) && answer["content-type"] == "application/xml")
        }
    }

    @Test("a body whose checksum does not fit is refused and leaves nothing")
    func checksums() async throws {
        try await TestAzure.run { azure in
            let wrong = try await azure.put("b", [1, 2, 3], ["content-md5": "AAAAAAAAAAAAAAAAAAAAAA=="])
            #expect(wrong.status == 400 && wrong.code == "Md5Mismatch")
            let crc = try await azure.put("b", [1, 2, 3], ["x-ms-content-crc64": "AAAAAAAAAAA="])
            #expect(crc.status == 400 && crc.code == "Crc64Mismatch")
            let digits = Array("123456789".utf8)
            #expect(try await azure.put("b", digits, ["x-ms-content-crc64": "iJh5CoYUi64="]).status == 201)
            let both = try await azure.put(
                "b", digits, ["x-ms-content-crc64": "iJh5CoYUi64=", "content-md5": "JfnnlDI7RTiF9RgfG2JNCw=="])
            #expect(both.status == 400)
            #expect(try await azure.put("c", digits, ["content-md5": "abc"]).code == "InvalidMd5")
            #expect(try await azure.call("HEAD", "cont/c").status == 404)
        }
    }

    @Test("conditions decide about reads and writes")
    func conditions() async throws {
        try await TestAzure.run { azure in
            let tag = try #require(try await azure.put("b", [1])["etag"])
            let again = try await azure.put("b", [2], ["if-none-match": "*"])
            #expect(again.status == 409 && again.code == "BlobAlreadyExists")
            #expect(try await azure.put("new", [2], ["if-none-match": "*"]).status == 201)
            let stale = try await azure.put("b", [2], ["if-match": "\"0x8D0\""])
            #expect(stale.status == 412 && stale.code == "ConditionNotMet")
            #expect(try await azure.put("none", [2], ["if-match": "*"]).status == 412)
            #expect(try await azure.call("GET", "cont/b", ["if-match": tag]).status == 200)
            let same = try await azure.call("GET", "cont/b", ["if-none-match": tag])
            #expect(same.status == 304 && same.body.isEmpty)
            let past = "Sat, 01 Jan 2000 00:00:00 GMT"
            let future = "Fri, 01 Jan 2100 00:00:00 GMT"
            #expect(try await azure.call("GET", "cont/b", ["if-modified-since": future]).status == 304)
            #expect(try await azure.call("GET", "cont/b", ["if-unmodified-since": past]).status == 412)
            #expect(try await azure.call("DELETE", "cont/b", ["if-unmodified-since": past]).status == 412)
            #expect(try await azure.put("b", [3], ["if-match": tag]).status == 201)
            #expect(try await azure.call("DELETE", "cont/b", ["if-match": tag]).status == 412)
            #expect(
                try await azure.call("GET", "cont/b", ["if-match": "x", "if-modified-since": "soon"]).status == 400)
        }
    }

    @Test("of many writers that may only create, one succeeds")
    func race() async throws {
        try await TestAzure.run { azure in
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<16 {
                    group.addTask { try await azure.put("one", [UInt8(number)], ["if-none-match": "*"]).status }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.count { $0 == 201 } == 1 && statuses.count { $0 == 409 } == 15)
        }
    }

    @Test("properties that are left out are cleared, metadata is replaced")
    func properties() async throws {
        try await TestAzure.run { azure in
            let fields = [
                "x-ms-blob-content-type": "text/plain", "x-ms-blob-cache-control": "no-cache", "x-ms-meta-a": "1",
            ]
            try await azure.put("b", [1], fields)
            let set = try await azure.call("PUT", "cont/b?comp=properties", ["x-ms-blob-content-type": "text/html"])
            #expect(set.status == 200)
            let now = try await azure.call("HEAD", "cont/b")
            #expect(now["content-type"] == "text/html" && now["cache-control"] == nil && now["content-md5"] == nil)
            #expect(try await azure.call("PUT", "cont/b?comp=metadata", ["x-ms-meta-b": "2"]).status == 200)
            let metadata = try await azure.call("HEAD", "cont/b?comp=metadata")
            #expect(metadata["x-ms-meta-b"] == "2" && metadata["x-ms-meta-a"] == nil)
            let wrong = try await azure.call("PUT", "cont/b?comp=metadata", ["x-ms-meta-a-b": "2"])
            #expect(wrong.status == 400 && wrong.code == "InvalidMetadata")
        }
    }

    @Test("names that differ only in how letters are composed are different blobs")
    func names() async throws {
        try await TestAzure.run { azure in
            try await azure.put("%C3%A9", [1])
            try await azure.put("e%CC%81", [2])
            #expect(try await azure.call("GET", "cont/%C3%A9").body == [1])
            #expect(try await azure.call("GET", "cont/e%CC%81").body == [2])
        }
    }

    @Test("containers are made once, listed, and gone when deleted")
    func containers() async throws {
        try await TestAzure.run { azure in
            let again = try await azure.call("PUT", "cont?restype=container")
            #expect(again.status == 409 && again.code == "ContainerAlreadyExists")
            #expect(try await azure.call("PUT", "ab?restype=container").code == "OutOfRangeInput")
            #expect(try await azure.call("PUT", "Ab-c?restype=container").code == "InvalidResourceName")
            #expect(try await azure.call("PUT", "more?restype=container", ["x-ms-meta-x": "1"]).status == 201)
            #expect(try await azure.call("HEAD", "more?restype=container")["x-ms-meta-x"] == "1")
            let first = try await azure.call("GET", "?comp=list&maxresults=1")
            #expect(first.elements("Name") == ["cont"] && first.elements("NextMarker").count == 1)
            let marker = TestSigner.escape(first.elements("NextMarker")[0])
            #expect(try await azure.call("GET", "?comp=list&marker=\(marker)").elements("Name") == ["more"])
            #expect(try await azure.call("DELETE", "more?restype=container").status == 202)
            #expect(try await azure.call("GET", "more?restype=container").code == "ContainerNotFound")
        }
    }
}
