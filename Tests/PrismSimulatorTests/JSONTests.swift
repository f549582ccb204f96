import Testing

@testable import PrismSimulator

@Suite("JSON")
struct JSONTests {
    @Test(
        "texts survive being read and written",
        arguments: [
            #"{"a":[1,-2,3.5,true,false,null,"x"],"b":{"c":""}}"#, #"["\"\\\n\u0001é😀"]"#, "9223372036854775807", "[]",
            "{}",
        ])
    func roundTrip(_ text: String) throws {
        let value = try JSONValue.parse(text)
        #expect(try JSONValue.parse(value.bytes) == value)
    }

    @Test("escapes are decoded")
    func escapes() throws {
        #expect(try JSONValue.parse(#""\u00e9\ud83d\ude00\/\t""#) == "é😀/\t")
    }

    @Test(
        "broken texts are refused",
        arguments: [
            "", "{", "[1,]", #"{"a"}"#, #"{"a":1,}"#, "tru", "01x", #""abc"#, #""\x""#, #""\ud83d""#, #""\ud83dab""#,
            "1 2", "nan", #"{1:2}"#, "\"\u{01}\"",
        ])
    func refused(_ text: String) {
        #expect(throws: (any Error).self) { try JSONValue.parse(text) }
    }

    @Test("nesting has a limit")
    func deep() {
        #expect(throws: (any Error).self) { try JSONValue.parse(String(repeating: "[", count: 100_000)) }
    }
}
