import Testing

@testable import AzureSimulator

@Suite("Azure page blobs")
struct AzurePageTests {
    @Test("a fresh page blob is zero, and its size is a multiple of 512")
    func fresh() async throws {
        try await TestAzure.run { azure in
            #expect(try await azure.makePages("p", size: 2048, ["x-ms-blob-sequence-number": "7"]).status == 201)
            let blob = try await azure.call("GET", "cont/p")
            #expect(blob.body == [UInt8](repeating: 0, count: 2048) && blob["x-ms-blob-type"] == "PageBlob")
            #expect(blob["x-ms-blob-sequence-number"] == "7")
            let odd = try await azure.makePages("q", size: 1000)
            #expect(odd.status == 400 && odd.code == "InvalidHeaderValue")
            #expect(try await azure.makePages("q", size: 9 << 40).status == 400)
            let once = try await azure.makePages("p", size: 512, ["if-none-match": "*"])
            #expect(once.status == 409 && once.code == "BlobAlreadyExists")
            #expect(
                try await azure.call("PUT", "cont/q", ["x-ms-blob-type": "PageBlob"]).code == "MissingRequiredHeader")
        }
    }

    @Test("pages that were written are listed, merged, until they are cleared")
    func ranges() async throws {
        try await TestAzure.run { azure in
            try await azure.makePages("p", size: 1 << 20)
            #expect(try await azure.page("p", 512...1535, 1).status == 201)
            #expect(try await azure.page("p", 1536...2047, 2).status == 201)
            #expect(try await azure.page("p", 1_048_064...1_048_575, 0).status == 201)
            let all = try await azure.call("GET", "cont/p?comp=pagelist")
            #expect(all.elements("Start") == ["512", "1048064"] && all.elements("End") == ["2047", "1048575"])
            #expect(all["x-ms-blob-content-length"] == "1048576")
            let window = try await azure.call("GET", "cont/p?comp=pagelist", ["x-ms-range": "bytes=1024-4095"])
            #expect(window.elements("Start") == ["1024"] && window.elements("End") == ["2047"])
            #expect(try await azure.page("p", 1024...1535, nil).status == 201)
            let cleared = try await azure.call("GET", "cont/p?comp=pagelist")
            #expect(cleared.elements("Start") == ["512", "1536", "1048064"])
            let bytes = try await azure.call("GET", "cont/p", ["x-ms-range": "bytes=1023-1536"]).body
            #expect(bytes == [1] + [UInt8](repeating: 0, count: 512) + [2])
        }
    }

    @Test("a list of ranges comes in pages")
    func pages() async throws {
        try await TestAzure.run { azure in
            try await azure.makePages("p", size: 1 << 16)
            for number in 0..<5 { _ = try await azure.page("p", number * 1024...number * 1024 + 511, 1) }
            var starts: [String] = []
            var marker = ""
            var count = 0
            repeat {
                let page = try await azure.call("GET", "cont/p?comp=pagelist&maxresults=2&marker=\(marker)")
                starts += page.elements("Start")
                marker = page.elements("NextMarker").first ?? ""
                count += 1
            } while !marker.isEmpty && count < 9
            #expect(starts == ["0", "1024", "2048", "3072", "4096"] && count == 3)
        }
    }

    @Test("a write must be aligned, inside, at most 4 MiB and as long as its range")
    func refused() async throws {
        try await TestAzure.run { azure in
            try await azure.makePages("p", size: 16 << 20)
            let cases: [(ClosedRange<Int>, Int, String)] = [
                (1...512, 416, "InvalidPageRange"), (0...510, 416, "InvalidPageRange"),
                (16 << 20...(16 << 20) + 511, 416, "InvalidPageRange"),
                (0...(4 << 20) + 511, 413, "RequestBodyTooLarge"),
            ]
            for (range, status, code) in cases {
                let answer = try await azure.page("p", range, 1)
                #expect(answer.status == status && answer.code == code, "\(range)")
            }
            let short = try await azure.page("p", 0...1023, 1, ["x-ms-range": "bytes=0-511"])
            #expect(short.status == 400 && short.code == "InvalidHeaderValue")
            #expect(try await azure.page("p", 0...511, 1, ["x-ms-page-write": "smear"]).code == "InvalidHeaderValue")
            #expect(try await azure.page("p", 0...(16 << 20) - 1, nil).status == 201)
            #expect(try await azure.call("GET", "cont/p?comp=pagelist").elements("Start").isEmpty)
            try await azure.put("b", [1])
            let wrong = try await azure.page("b", 0...511, 1)
            #expect(wrong.status == 409 && wrong.code == "InvalidBlobType")
        }
    }

    @Test("checksums and conditions of a write are checked")
    func checks() async throws {
        try await TestAzure.run { azure in
            try await azure.makePages("p", size: 4096)
            let sum = try await azure.page("p", 0...511, 0, ["x-ms-content-crc64": "6YKnaCgO5h0="])
            #expect(sum.status == 201 && sum["x-ms-content-crc64"] == "6YKnaCgO5h0=")
            #expect(
                try await azure.page("p", 0...511, 1, ["x-ms-content-crc64": "6YKnaCgO5h0="]).code == "Crc64Mismatch")
            let tag = try #require(sum["etag"])
            #expect(try await azure.page("p", 0...511, 1, ["if-match": tag]).status == 201)
            #expect(try await azure.page("p", 0...511, 1, ["if-match": tag]).code == "ConditionNotMet")
            let numbers = [("le", "0", 201), ("lt", "0", 412), ("eq", "0", 201), ("eq", "1", 412)]
            for (name, value, status) in numbers {
                let answer = try await azure.page("p", 0...511, 1, ["x-ms-if-sequence-number-\(name)": value])
                #expect(answer.status == status, "\(name) \(value)")
            }
        }
    }

    @Test("a page blob grows and shrinks; what was cut off is zero when it grows again")
    func resize() async throws {
        try await TestAzure.run { azure in
            try await azure.makePages("p", size: 2048)
            _ = try await azure.page("p", 0...2047, 5)
            for size in [1024, 4096] {
                let set = try await azure.call("PUT", "cont/p?comp=properties", ["x-ms-blob-content-length": "\(size)"])
                #expect(set.status == 200)
            }
            let body = try await azure.call("GET", "cont/p").body
            #expect(body == [UInt8](repeating: 5, count: 1024) + [UInt8](repeating: 0, count: 3072))
            let fields = ["x-ms-sequence-number-action": "increment"]
            #expect(try await azure.call("PUT", "cont/p?comp=properties", fields)["x-ms-blob-sequence-number"] == "1")
            #expect(try await azure.call("HEAD", "cont/p")["content-type"] == "application/octet-stream")
            let odd = try await azure.call("PUT", "cont/p?comp=properties", ["x-ms-blob-content-length": "1"])
            #expect(odd.status == 400 && odd.code == "InvalidHeaderValue")
        }
    }

    @Test("runs that overlap in every way read as the last write left them")
    func extents() {
        var model = [UInt8](repeating: 0, count: 64)
        var extents = Extents()
        var state: UInt64 = 7
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for round in 1...2000 {
            let start = next(64)
            let count = 1 + next(64 - start)
            if next(3) == 0 {
                extents.clear(start..<start + count)
                for index in start..<start + count { model[index] = 0 }
            } else {
                let byte = UInt8(round % 255 + 1)
                extents.write(Slice([UInt8](repeating: byte, count: count)), at: start)
                for index in start..<start + count { model[index] = byte }
            }
            let ranges = extents.written(in: 0..<64)
            #expect(ranges.flatMap { Array($0) } == model.indices.filter { model[$0] != 0 })
            #expect(extents.read(3..<61).reduce(0) { $0 + $1.count } == 58)
        }
    }
}
