import Engine
import Testing

@testable import Targets

@Suite("Reading the XML of stores")
struct XMLReaderTests {
    private func read(_ text: String) throws -> XMLElement { try XMLReader.read(Array(text.utf8)) }

    @Test("elements, attributes, entities, sections and comments are read")
    func whole() throws {
        let root = try read(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <!-- from a store -->
            <s3:List xmlns:s3='http://x' a = "1 &lt; 2"><Key>a&amp;b&#x20AC;&#65;</Key><Empty/>
              <Key><![CDATA[<raw> & ]]>tail<!-- no --></Key></s3:List>

            """)
        #expect(root.name == "List" && root.attributes["a"] == "1 < 2")
        #expect(root.all("Key").map(\.text) == ["a&b€A", "<raw> & tail"])
        #expect(root.first("Empty") == XMLElement(name: "Empty", attributes: [:], text: "", children: []))
    }

    @Test(
        "what is no such document is refused as damage, and never more than refused",
        arguments: [
            "", " ", "text", "<a>", "<a></b>", "<a/><b/>", "<a b></a>", "<a b=1/>", "<a>&nope;</a>", "<a>&#0;</a>",
            "<a>&#xD800;</a>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "<a><![CDATA[x</a>", "<a b='<'/>", "<a",
            "<a b='x", "<a><!-- </a>", "<?xml <a/>", "<>", "</a>", "<a/>x", "<a b='1'c='2'/>", "<a>&amp</a>",
        ])
    func refused(_ text: String) {
        let error = #expect(throws: EngineError.self) { try read(text) }
        #expect(error?.kind == .corrupt)
    }

    @Test("every beginning of a document, and every byte of it changed, is read or refused")
    func hostile() throws {
        let text = "<?xml version=\"1.0\"?><A x='1'><B>b &amp; c</B><![CDATA[d]]><!-- e --><F/></A>"
        let bytes = Array(text.utf8)
        for count in 0..<bytes.count {
            #expect(throws: EngineError.self) { try XMLReader.read(Array(bytes[..<count])) }
        }
        for index in bytes.indices {
            for value in [0, 0x3C, 0x3E, 0x26, 0x22, 0xFF] as [UInt8] {
                var changed = bytes
                changed[index] = value
                _ = try? XMLReader.read(changed)
            }
        }
    }

    @Test("depth and number of elements are bounded")
    func bounds() throws {
        let deep = String(repeating: "<a>", count: 10_000) + String(repeating: "</a>", count: 10_000)
        #expect(throws: EngineError.self) { try read(deep) }
        let many = "<a>" + String(repeating: "<b/>", count: 250_000) + "</a>"
        #expect(throws: EngineError.self) { try read(many) }
    }
}
