import Engine
import Testing
import Wire

@testable import AHV

@Suite("Values of Prism")
struct PrismValueTests {
    private func parse(_ text: String) throws(PrismError) -> JSONValue { try JSONReader.parse(Array(text.utf8)) }

    @Test("JSON is read with its numbers, escapes and nesting")
    func json() throws {
        let value = try parse(
            #" {"a": [1, -2.5e3, true, null, "x\n\u00e4\ud83d\ude00\/"], "big": 9223372036854775807, "bigger": 92233720368547758070, "a b": {}} "#
        )
        #expect(value["a"]?.array == [1, .number(-2500), true, .null, "x\nä😀/"])
        #expect(value["big"]?.integer == .max)
        #expect(value["bigger"] == .number(9.223372036854776e19))
        #expect(value["a b"] == [:])
    }

    @Test(
        "text that is no JSON is an error and never a trap",
        arguments: [
            "", "{", "[1,", "{\"a\" 1}", "\"\\u12", "\"\\ud83d", "tru", "1 2", "{\"a\":}", "nul", "[1 2]", "\"\\q\"",
            "-", "1e999", "{1:2}",
            String(repeating: "[", count: 5000),
        ])
    func badJSON(text: String) {
        #expect(throws: PrismError.self) { try parse(text) }
    }

    @Test("every cut and every flipped byte of an answer is an error or another value, never a trap")
    func mangledJSON() {
        let text = Array(
            #"{"data":[{"offset":65536,"length":12,"regionType":"REGULAR","x":"\u00e4\ud83d\ude00"}],"n":-1.5e3}"#.utf8)
        for length in 0..<text.count { _ = try? JSONReader.parse(Array(text[..<length])) }
        for place in text.indices {
            for flip in [UInt8(0x01), 0x20, 0x80, 0xff] {
                var bytes = text
                bytes[place] ^= flip
                _ = try? JSONReader.parse(bytes)
            }
        }
    }

    @Test("Base64 goes both ways, in the plain form and that of tokens")
    func base64() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")] {
            #expect(Base64.encode(Array(bytes.utf8)) == text)
            #expect(Base64.decode(Substring(text)) == Array(bytes.utf8))
        }
        #expect(Base64.decode("-_8") == [0xfb, 0xff])
        #expect(Base64.decode("a*b") == nil)
    }

    @Test("Prism's clock is read from the date of a reply")
    func clock() {
        #expect(PrismClock.read("Sun, 22 Nov 2026 18:20:01 GMT")?.description == "2026-11-22T18:20:01.000Z")
        #expect(PrismClock.read("yesterday") == nil)
    }

    @Test("paths and filters keep what is special in them")
    func encoding() {
        #expect(PrismCall.segment("ZXJnb24=:ab-1") == "ZXJnb24%3D%3Aab-1")
        #expect(PrismCall.segment("../ä") == "..%2F%C3%A4")
        #expect(PrismCall.literal("it's") == "'it''s'")
    }

    @Test("the positions of items that a list cut short are read in every form, and no answer means all of them")
    func truncation() throws {
        func positions(_ told: JSONValue?, isTruncated: Bool = true) throws -> [Int] {
            var extra: [String: JSONValue] = ["name": "truncatedIndexes"]
            extra["value"] = told
            let body: JSONValue = [
                "data": [[:], [:], [:]],
                "metadata": [
                    "flags": [["name": "isTruncated", "value": .bool(isTruncated)]], "extraInfo": [.object(extra)],
                ],
            ]
            let reply = HTTPReply(status: 200, headers: [], body: body.text)
            return try PrismReply(reply, of: PrismCall(path: "/")).truncatedPositions
        }
        #expect(try positions(nil, isTruncated: false) == [])
        #expect(try positions("0,2") == [0, 2])
        #expect(try positions("[1, 2, 77]") == [1, 2])
        #expect(try positions([2]) == [2])
        #expect(try positions(1) == [1])
        #expect(try positions(nil) == [0, 1, 2])
    }

    @Test("cookies are kept, replaced and dropped")
    func cookies() {
        let session = PrismSession(.password(user: "admin", password: "secret"))
        #expect(session.authorization.headers == [HTTPHeader("Authorization", "Basic YWRtaW46c2VjcmV0")])
        func reply(_ lines: String...) -> HTTPReply {
            HTTPReply(status: 200, headers: lines.map { HTTPHeader("set-cookie", $0) }, body: [])
        }
        session.keep(reply("A=1;Path=/;Secure", "B=2; HttpOnly"))
        #expect(session.authorization.headers == [HTTPHeader("Cookie", "A=1; B=2")])
        session.keep(reply("A=3", "B=; Max-Age=0"))
        #expect(session.authorization.headers == [HTTPHeader("Cookie", "A=3")])
        session.drop()
        #expect(!session.authorization.isCookie)
    }

    @Test("a name tells whose a thing is, and only what a dead run of this repository left is an orphan")
    func ownership() {
        let owner = Ownership(proxy: "Proxy 1")
        let name = owner.name(run: "c0de0001-beef", label: "web/01 é")
        #expect(name.hasPrefix("ahvault-Proxy-1-c0de0001-beef-"))
        #expect(name.hasSuffix("-web01"))
        func request(_ repository: String, running: String? = nil) -> SweepRequest {
            SweepRequest(repository: repository, kept: []) { $0 == running }
        }
        #expect(owner.isOrphan(name, request("c0de0001")))
        #expect(!owner.isOrphan(name, request("c0de0001", running: "c0de0001-beef")))
        #expect(!owner.isOrphan(name, request("c0de0002")))
        #expect(!Ownership(proxy: "Proxy").isOrphan(name, request("c0de0001")))
        #expect(!owner.isOrphan("ahvault-Proxy-1-c0de0001-", request("c0de0001")))
    }
}
