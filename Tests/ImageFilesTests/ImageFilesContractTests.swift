import Engine
import EngineContracts
import Glibc
import ImageFiles
import Testing

/// Two images of a machine in a folder.
private struct ImageFixture: SourceFixture {
    let folder: ImageFolder
    let changes: String
    let machineName = "web 01"

    init(changes: String) throws {
        self.changes = changes
        folder = try ImageFolder()
        try folder.makeImage("one.raw", size: 20 << 20)
        try folder.makeImage("two.raw", size: (16 << 20) + 512)
    }

    var findsDifferences: Bool { changes == "scan" }

    func makeSource() async throws -> any Source {
        try folder.source(disks: [["path": "one.raw"], ["path": "two.raw", "address": "sata.3"]], changes: changes)
    }

    private func file(_ disk: DiskAddress) -> String { disk.bus == "sata" ? "two.raw" : "one.raw" }

    func write(_ bytes: [UInt8], to disk: DiskAddress, at offset: UInt64) async throws {
        try folder.write(bytes, to: file(disk), at: offset)
    }

    func grow(_ disk: DiskAddress, to size: UInt64) async throws {
        try OpenFile(folder.path + "/" + file(disk), O_RDWR).resize(to: size)
    }

    func content(of disk: DiskAddress) async throws -> [UInt8] { try folder.read(file(disk)) }

    func loseReference(_ reference: JSONValue) async throws {
        for name in folder.files(below: "state") where name.hasSuffix(".hashes") {
            unlink(folder.path + "/state/" + name)
        }
    }

    func traces() async throws -> [String] {
        let state = folder.files(below: "state").filter { $0.hasSuffix(".hashes") || $0.contains(".ahvault-") }
        return (state + folder.files(below: "out").filter { $0.hasPrefix(".ahvault-") }).sorted()
    }

    func restored(_ outcome: RestoreOutcome, at address: DiskAddress?) async throws -> [UInt8] {
        let name = outcome.name.replacing(" ", with: "%20")
        guard let address else { return try folder.read("out/\(name).raw") }
        let ofMachine = "out/\(name)/\(address).raw"
        return try folder.read(folder.exists(ofMachine) ? ofMachine : "out/\(name).\(address).raw")
    }

    func tearDown() async { folder.remove() }
}

@Suite("The source of image files keeps its contract")
struct ImageFilesContractTests {
    @Test("each promise of sources", arguments: ["scan", "none"], SourceContract.cases)
    func promise(_ changes: String, _ one: SourceContract.Case) async throws {
        try await one.run(ImageFixture(changes: changes))
    }

    @Test("each promise of plug-ins", arguments: PluginContract.cases)
    func pluginPromise(_ one: PluginContract.Case) async throws {
        let disk = ImageFolder.map([("path", ImageFolder.text("a.raw"))])
        let machine = ImageFolder.map([
            ("name", ImageFolder.text("web")), ("disks", ImageFolder.list([disk])),
        ])
        let sample = ImageFolder.map([("machines", ImageFolder.list([machine]))])
        try await one.run(PluginSubject(ImageFilesSource.self, sample: sample))
    }
}
