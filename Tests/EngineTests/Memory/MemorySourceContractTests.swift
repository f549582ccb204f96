import Engine
import EngineContracts
import Testing

/// A cluster in memory with one VM of two disks.
private struct MemoryFixture: SourceFixture {
    let cluster = MemoryCluster()
    let machineName = "guest"
    let findsDifferences = true

    init() { cluster.addMachine("guest", diskSizes: [20 << 20, (16 << 20) + 512]) }

    func makeSource() async throws -> any Source { MemorySource(cluster) }

    func write(_ bytes: [UInt8], to disk: DiskAddress, at offset: UInt64) async throws {
        try cluster.withImage(of: machineName, at: disk) { $0.write(bytes.span.bytes, at: offset) }
    }

    func grow(_ disk: DiskAddress, to size: UInt64) async throws {
        try cluster.withImage(of: machineName, at: disk) { $0.grow(to: size) }
    }

    func content(of disk: DiskAddress) async throws -> [UInt8] {
        try cluster.withImage(of: machineName, at: disk) { Self.bytes(of: $0) }
    }

    func loseReference(_ reference: JSONValue) async throws {
        cluster.loseSnapshot(reference["snapshot"]?.string ?? "")
    }

    func traces() async throws -> [String] { cluster.traces }

    func restored(_ outcome: RestoreOutcome, at address: DiskAddress?) async throws -> [UInt8] {
        if let address { return try cluster.withImage(of: outcome.id, at: address) { Self.bytes(of: $0) } }
        return Self.bytes(of: try #require(cluster.volumeGroup(outcome.name)))
    }

    func tearDown() async {}

    private static func bytes(of image: SparseImage) -> [UInt8] {
        let buffer = Buffer(capacity: Int(image.size))
        image.read(ByteRange(0, image.size), into: buffer)
        return buffer.array
    }
}

@Suite("The source in memory keeps its contract")
struct MemorySourceContractTests {
    @Test("each promise of sources", arguments: SourceContract.cases)
    func promise(_ one: SourceContract.Case) async throws { try await one.run(MemoryFixture()) }

    @Test("each promise of plug-ins", arguments: PluginContract.cases)
    func pluginPromise(_ one: PluginContract.Case) async throws { try await one.run(PluginSubject(MemorySource.self)) }
}
