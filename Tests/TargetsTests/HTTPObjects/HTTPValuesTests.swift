import Engine
import Testing

@testable import Targets

@Suite("Addresses, names and times of object stores")
struct HTTPValuesTests {
    @Test("names are percent-encoded as signatures want them, and back")
    func percent() {
        #expect(PercentCoding.encode("a/b c+(1)=~.ü") == "a%2Fb%20c%2B%281%29%3D~.%C3%BC")
        #expect(PercentCoding.encode(path: "a/b c") == "a/b%20c")
        #expect(PercentCoding.decode("a%2Fb%20c%2b%C3%BC") == "a/b c+ü")
        for wrong in ["%", "%2", "%zz", "a%", "%FF"] { #expect(PercentCoding.decode(wrong) == nil) }
    }

    @Test("times of headers are written and read")
    func dates() {
        let time = Timestamp("2026-11-22T18:20:01Z")
        #expect(time.map(HTTPDate.text) == "Sun, 22 Nov 2026 18:20:01 GMT")
        #expect(HTTPDate.read("Sun, 22 Nov 2026 18:20:01 GMT") == time)
        #expect(HTTPDate.text(Timestamp(milliseconds: 0)) == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(HTTPDate.text(Timestamp(milliseconds: -1)) == "Wed, 31 Dec 1969 23:59:59 GMT")
        for wrong in ["", "Sun, 22 Foo 2026 18:20:01 GMT", "22 Nov 2026", "Sun, 99 Nov 2026 18:20:01 GMT"] {
            #expect(HTTPDate.read(wrong) == nil)
        }
    }

    @Test("addresses keep scheme, host, port and path")
    func addresses() throws {
        let plain = try HTTPAddress("http://127.0.0.1:9000/s3/", key: "endpoint")
        #expect(plain.origin == "http://127.0.0.1:9000" && plain.path == "/s3" && plain.isLoopback)
        let usual = try HTTPAddress("https://S3.example:443", key: "endpoint")
        #expect(usual.authority == "s3.example" && usual.under("b").origin == "https://b.s3.example")
        let six = try HTTPAddress("https://[::1]:8443", key: "endpoint")
        #expect(six.host == "[::1]" && six.port == 8443)
        #expect(try HTTPAddress("https://[fe80::1]", key: "endpoint").port == nil)
        for wrong in [
            "host", "ftp://host", "https://", "https://:80", "https://h:0", "https://h:x", "https://a b", "https://h?x",
        ] {
            let error = #expect(throws: EngineError.self) { try HTTPAddress(wrong, key: "endpoint") }
            #expect(error?.kind == .configuration && error?.message.contains("`endpoint`") == true)
        }
    }

    @Test("a prefix is a folder, whatever slashes it was written with")
    func prefixes() throws {
        #expect(try ObjectPrefix("").text == "" && ObjectPrefix("/a//b/").text == "a/b/")
        let prefix = try ObjectPrefix("a")
        #expect(try prefix.key(of: prefix.name(of: ObjectKey("data/x")))?.text == "data/x")
        #expect(
            prefix.key(of: "a/.ahvault/probe") == nil && prefix.key(of: "b/x") == nil && prefix.key(of: "a/") == nil)
    }
}
