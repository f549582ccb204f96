import Testing

/// A plug-in is one folder and one line: the line in a list file, `Builtin….swift` or `….+Builtin.swift`.
@Suite("One line a plug-in")
struct OneLineTests {
    /// A plug-in's type as a list file names it, and where it lives.
    struct Listed: Sendable, CustomTestStringConvertible {
        let type: String
        let list: String
        let home: String
        var testDescription: String { type }
    }

    static let lists = SourceTree.sources.filter { $0.name.contains("Builtin") }

    static let listed: [Listed] = lists.flatMap { list in
        list.code.flatMap { $0.matches(of: /\b([A-Z]\w*)\.self\b/).map { String($0.1) } }.compactMap { type in
            SourceTree.sources.first { $0.declaredTypes.contains(type) }
                .map { Listed(type: type, list: list.path, home: $0.folder) }
        }
    }

    @Test("sources, targets, codecs and indexes each have plug-ins in a list")
    func kinds() {
        for kind in ["any Source", "any Target", "any Codec", "any DedupIndex"] {
            #expect(Self.lists.contains { $0.places(of: kind).isEmpty == false }, "no list of \(kind)")
        }
        #expect(Self.listed.count >= 8)
    }

    @Test("outside its folder a plug-in is named by its list alone", arguments: listed)
    func mentions(plugin: Listed) {
        let users = SourceTree.sources.filter { file in
            file.folder != plugin.home && !file.folder.hasPrefix(plugin.home + "/") && file.path != plugin.list
                && !file.declaredTypes.contains(plugin.type) && file.mentions(plugin.type)
        }
        #expect(users.map(\.path) == [])
    }

    @Test("a plug-in stands in its list once", arguments: listed)
    func once(plugin: Listed) {
        #expect(Self.listed.filter { $0.type == plugin.type }.count == 1)
    }
}
