import Testing

@Suite("Words")
struct WordTests {
    @Test("no type and no file is named after what it is not", arguments: ["Manager", "Helper", "Util", "Impl"])
    func names(word: String) {
        for file in SourceTree.sources + SourceTree.tests {
            let names = file.declaredTypes + [file.name]
            #expect(names.filter { $0.contains(word) && $0 != "Implementation" } == [], "\(file.path)")
        }
    }

    @Test(
        "nothing traps on what comes from outside, and no check of the compiler is switched off",
        arguments: ["nonisolated(unsafe)", "try!", "fatalError(", " as! ", "@preconcurrency import"])
    func banned(text: String) {
        #expect(SourceTree.sources.flatMap { $0.places(of: text) } == [])
    }

    @Test("nothing is left to be done in a comment", arguments: ["TO" + "DO", "FIX" + "ME", "XX" + "X:"])
    func leftovers(word: String) {
        for file in SourceTree.sources + SourceTree.tests {
            #expect(!file.lines.contains { $0.contains(word) }, "\(file.path)")
        }
    }

    @Test("every `@unchecked Sendable` is proved by a comment beside it")
    func proofs() {
        for file in SourceTree.sources {
            for index in file.code.indices where file.code[index].contains("@unchecked Sendable") {
                let near = file.lines[max(0, index - 4)...min(file.lines.count - 1, index + 4)]
                #expect(near.contains { $0.contains("//") && $0.contains("Sendable") }, "\(file.path):\(index + 1)")
            }
        }
    }
}
