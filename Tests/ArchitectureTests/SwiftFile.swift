/// A Swift source file, and what a reader can tell of it without a compiler.
struct SwiftFile: Sendable {
    /// From the repository's root: `Sources/Engine/Values/Digest.swift`.
    let path: String
    let lines: [String]
    /// The lines with comments and the contents of string literals blanked out.
    let code: [String]
    /// The names of the types this file declares.
    let declaredTypes: [String]
    /// Every identifier and keyword of the code.
    private let words: Set<String>

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let bare = SwiftText.code(of: text)
        code = bare.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let words = SwiftText.words(of: bare)
        self.words = Set(words)
        declaredTypes = zip(words, words.dropFirst()).compactMap { keyword, name in
            Self.typeKeywords.contains(keyword) && name.first?.isUppercase == true ? name : nil
        }
    }

    private static let typeKeywords: Set<String> = ["struct", "class", "enum", "actor", "protocol", "typealias"]

    /// The folder below `Sources` or `Tests`.
    var module: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }

    var folder: String { path.split(separator: "/").dropLast().joined(separator: "/") }

    var name: String { path.split(separator: "/").last.map(String.init) ?? "" }

    /// The modules this file imports.
    var imports: Set<String> {
        Set(
            code.compactMap { (line) -> String? in
                let words = line.split(separator: " ")
                guard let keyword = words.firstIndex(of: "import"), keyword + 1 < words.count,
                    words[..<keyword].allSatisfy({ $0.hasPrefix("@") || Self.importWords.contains(String($0)) })
                else { return nil }
                let path = words.dropFirst(keyword + 1).drop { Self.importWords.contains(String($0)) }
                return path.first?.split(separator: ".").first.map(String.init)
            })
    }

    private static let importWords: Set<String> = [
        "public", "package", "internal", "fileprivate", "private",
        "struct", "class", "enum", "protocol", "func", "let", "var", "typealias",
    ]

    /// Whether the code, comments and strings apart, uses the identifier.
    func mentions(_ identifier: String) -> Bool { words.contains(identifier) }

    /// `path:line` of every line of code that holds the text.
    func places(of text: String) -> [String] {
        code.indices.filter { code[$0].contains(text) }.map { "\(path):\($0 + 1)" }
    }
}
