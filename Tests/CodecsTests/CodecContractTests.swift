import Codecs
import Engine
import EngineContracts
import Logging
import Testing

@Suite("The codecs keep their contract")
struct CodecContractTests {
    /// Every codec of the build with its defaults, and those with levels at both ends.
    static let choices: [PluginChoice] =
        Registry<any Codec>.builtin.entries.map { PluginChoice(type: $0.name, settings: .empty(at: "test")) } + [
            choice("zstd", "level", "-7"), choice("zstd", "level", "19"), choice("zlib", "level", "9"),
            choice("lz4", "acceleration", "99"),
        ]

    static func choice(_ type: String, _ key: String, _ value: String) -> PluginChoice {
        let entry = Setting.Entry(key: key, place: "test:1:1", value: Setting(.scalar(value), at: "test:1:1"))
        return PluginChoice(type: type, settings: Setting(.map([entry]), at: "test:1:1"))
    }

    @Test("each codec keeps each promise", arguments: choices.indices, CodecContract.cases)
    func promise(_ index: Int, _ one: CodecContract.Case) async throws {
        let codec = try Registry<any Codec>.builtin.make(
            Self.choices[index], in: PluginContext(logger: Logger(label: "test")))
        try await one.run(codec)
    }

    static let types: [any Codec.Type] = [Stored.self, Zstd.self, LZ4.self, Zlib.self]

    @Test("each codec keeps each promise of plug-ins", arguments: types.indices, PluginContract.cases)
    func pluginPromise(_ index: Int, _ one: PluginContract.Case) async throws {
        try await one.run(subject(Self.types[index]))
    }

    private func subject<C: Codec>(_ type: C.Type) -> PluginSubject { PluginSubject(type) }

    @Test("no two codecs share a number, and the numbers are the published ones")
    func wireIDs() {
        let numbers = Dictionary(uniqueKeysWithValues: Self.types.map { ($0.name, $0.wireID) })
        #expect(numbers == ["none": 0, "zstd": 1, "lz4": 2, "zlib": 3])
        #expect(Registry<any Codec>.builtin.entries.map(\.name).sorted() == numbers.keys.sorted())
    }
}
