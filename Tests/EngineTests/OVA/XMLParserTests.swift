import Testing

@testable import Engine

@Suite("XML that nobody vouches for")
struct XMLParserTests {
    private func parse(_ text: String) throws -> MarkupElement { try XMLParser.parse(Array(text.utf8), what: "test") }

    @Test("elements, attributes, text and namespaces")
    func whole() throws {
        let root = try parse(
            """
            \u{FEFF}<?xml version="1.0" encoding="utf-8"?>
            <!-- about -->
            <a xmlns="urn:1" xmlns:x='urn:2' x:k="1 &amp; &#x32;" k='>"'>
              <x:b> text &lt;<![CDATA[<&]]> </x:b ><c xmlns=""/>
              <?other thing?>
            </a>

            """)
        #expect(root.name == "a" && root.namespace == "urn:1")
        #expect(root.attributes.map(\.value) == ["1 & 2", ">\""])
        #expect(root.attributes.map(\.namespace) == ["urn:2", ""])
        #expect(root.children.map(\.name) == ["b", "c"])
        #expect(root.children.map(\.namespace) == ["urn:2", ""])
        #expect(root.child("b")?.trimmedText == "text <<&")
    }

    @Test(
        "what is no XML is corrupt",
        arguments: [
            "", "text", "<a>", "<a></b>", "<a/><b/>", "<a b></a>", "<a b=c/>", "<a b='1' b='2'/>", "<a b='<'/>",
            "<a>&#0;</a>", "<a>&lt</a>", "</a>", "<a b='1'c='2'/>", "<x:a/>", "<a x:b=''/>", "<1/>", "<a", "<a b='",
            "<!-- -- --><a/>", "<!--", "<a><![CDATA[</a>", "<a>&#xD800;</a>", "<a:b:c xmlns:a='u'/>",
        ])
    func wrong(_ text: String) {
        let error = #expect(throws: EngineError.self) { _ = try parse(text) }
        #expect(error?.kind == .corrupt)
    }

    @Test(
        "what could fetch or grow is refused",
        arguments: [
            "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "<a>&b;</a>", "<?xml version='1.0' encoding='UTF-16'?><a/>",
        ])
    func refused(_ text: String) {
        let error = #expect(throws: EngineError.self) { _ = try parse(text) }
        #expect(error?.kind == .unsupported)
    }

    @Test("depth and number of elements are bounded")
    func bounded() {
        #expect(throws: EngineError.self) {
            _ = try parse(String(repeating: "<a>", count: 65) + String(repeating: "</a>", count: 65))
        }
        #expect(throws: EngineError.self) { _ = try parse("<a>" + String(repeating: "<b/>", count: 100_000) + "</a>") }
        #expect(throws: EngineError.self) { _ = try XMLParser.parse([0x3C, 0x61, 0xFF], what: "test") }
    }

    @Test("what was escaped comes back, and what XML cannot hold is marked")
    func escaping() throws {
        let text = "a<b>&\"'\n\t\r ü 🐮"
        #expect(try parse("<a b=\"\(XMLWriter.escaped(text))\"/>")[attribute: "b"] == text)
        #expect(XMLWriter.escaped("a\u{1}b") == "a\u{FFFD}b")
    }
}
