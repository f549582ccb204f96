import Testing

@Suite("Layers")
struct LayerTests {
    @Test("every module has its line in the table of layers, and every line its module")
    func table() {
        #expect(Set(Layers.allowed.keys) == SourceTree.modules.subtracting(["CLibs"]))
    }

    @Test("a module imports only what its layer may", arguments: Layers.allowed.keys.sorted())
    func imports(module: String) {
        let allowed = Layers.system.union(Layers.allowed[module, default: []])
        for file in SourceTree.sources where file.module == module {
            #expect(file.imports.subtracting(allowed) == [], "\(file.path)")
        }
    }

    @Test("a C library is imported by one module", arguments: SourceTree.cModules.sorted())
    func wrappers(library: String) {
        let users = Set(SourceTree.sources.filter { $0.imports.contains(library) }.map(\.module))
        #expect(users.count == 1)
    }

    @Test("a simulator shares no type with the client it tests", arguments: ["PrismSimulator", "AzureSimulator"])
    func simulator(module: String) {
        let ours = SourceTree.modules.subtracting([module])
        for file in SourceTree.sources where file.module == module {
            #expect(file.imports.isDisjoint(with: ours), "\(file.path)")
        }
    }
}
