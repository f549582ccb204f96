import Testing

@Suite("Promises")
struct DocumentationTests {
    /// A requirement of a protocol, with the line it starts on.
    struct Requirement {
        let text: String
        let line: Int
        let isDocumented: Bool
    }

    static let protocols = SourceTree.sources.filter { $0.folder == "Sources/Engine/Protocols" }

    @Test("every requirement of a plug-in protocol says what it promises")
    func requirements() {
        let all = Self.protocols.flatMap { file in Self.requirements(of: file).map { (file, $0) } }
        #expect(all.count >= 20)
        for (file, requirement) in all {
            #expect(requirement.isDocumented, "\(file.path):\(requirement.line): \(requirement.text)")
        }
    }

    @Test("every public type of the plug-in API says what it is")
    func types() {
        for file in Self.protocols {
            for index in file.code.indices
            where file.code[index].firstMatch(of: /^public (?:final )?(?:protocol|struct|enum|class)\b/) != nil {
                #expect(Self.hasComment(file, above: index), "\(file.path):\(index + 1)")
            }
        }
    }

    /// The requirements that stand directly in the braces of a protocol.
    static func requirements(of file: SwiftFile) -> [Requirement] {
        var depth = 0
        var parentheses = 0
        var isInProtocol = false
        var found: [Requirement] = []
        for (index, line) in file.code.enumerated() {
            let words = line.drop { $0 == " " }
            if depth == 0, line.contains(/\bprotocol\s+[A-Z]/) { isInProtocol = true }
            if isInProtocol, depth == 1, parentheses == 0,
                words.contains(/^(?:static |mutating |@\w+ )*(?:func|var|init|subscript|associatedtype)\b/)
            {
                found.append(
                    Requirement(
                        text: String(words), line: index + 1, isDocumented: hasComment(file, above: index)))
            }
            depth += line.count { $0 == "{" } - line.count { $0 == "}" }
            parentheses += line.count { $0 == "(" } - line.count { $0 == ")" }
            if depth == 0 { isInProtocol = false }
        }
        return found
    }

    private static func hasComment(_ file: SwiftFile, above line: Int) -> Bool {
        var index = line - 1
        while index >= 0, file.lines[index].drop(while: { $0 == " " }).hasPrefix("@") { index -= 1 }
        return index >= 0 && file.lines[index].drop { $0 == " " }.hasPrefix("///")
    }
}
