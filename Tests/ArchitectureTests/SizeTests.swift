import Testing

@Suite("Sizes")
struct SizeTests {
    /// Files that may be longer, each with its reason.
    static let exceptions: [String: Int] = [:]

    @Test("a file has at most 400 lines")
    func files() {
        for file in SourceTree.sources + SourceTree.tests {
            #expect(file.lines.count - 1 <= Self.exceptions[file.path, default: 400], "\(file.path)")
        }
    }

    @Test("most files have at most 200 lines")
    func median() {
        let small = SourceTree.sources.count { $0.lines.count <= 200 }
        #expect(Double(small) >= 0.8 * Double(SourceTree.sources.count))
    }
}
