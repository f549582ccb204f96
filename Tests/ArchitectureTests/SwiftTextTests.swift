import Testing

@Suite("Telling code from text")
struct SwiftTextTests {
    @Test(
        "comments and the contents of literals are not code",
        arguments: [
            ("let a = 1 // try! this", "let a = 1             "),
            ("/* a /* b */ c */let x", "                 let x"),
            (#"let s = "try! // no""#, #"let s = "          ""#),
            (#"f("a\"b")"#, #"f("    ")"#),
            (##"f(#"a"b"#)"##, ##"f(#"   "#)"##),
            (#"f("\(g("x"))y")"#, #"f("  g(" ")  ")"#),
        ])
    func blanking(text: String, code: String) {
        #expect(SwiftText.code(of: text) == code)
    }

    @Test("lines keep their numbers")
    func lines() {
        let text = "a\n/* b\nc */\n\"\"\"\n d\n\"\"\"\ne"
        #expect(SwiftText.code(of: text).split(separator: "\n", omittingEmptySubsequences: false).count == 7)
        #expect(SwiftText.code(of: text).hasSuffix("e"))
    }

    @Test("imports are read with their attributes and kinds")
    func imports() {
        let file = SwiftFile(
            path: "Sources/A/B.swift",
            text: """
                import One
                public import Two
                @preconcurrency import Three
                // import Four
                import struct Five.Six
                """)
        #expect(file.imports == ["One", "Two", "Three", "Five"])
    }

    @Test("the tree is found")
    func tree() {
        #expect(SourceTree.modules.contains("Engine"))
        #expect(SourceTree.cModules.contains("CCurl"))
        #expect(SourceTree.sources.count > 20)
    }
}
