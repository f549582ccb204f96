import AHV
import Engine
import EngineContracts

/// The contract's cluster: a simulator with one VM of two disks.
struct AHVSourceFixture: SourceFixture {
    let lab: SimulatedLab

    let machineName = "web"
    let findsDifferences = true

    func makeSource() async throws -> any Source { try SourceMaker(lab: lab).make() }

    func write(_ bytes: [UInt8], to disk: DiskAddress, at offset: UInt64) async throws {
        try await lab.write(bytes, to: disk.description, of: machineName, at: Int(offset))
    }

    func grow(_ disk: DiskAddress, to size: UInt64) async throws {
        try await lab.grow(disk.description, of: machineName, to: Int(size))
    }

    func content(of disk: DiskAddress) async throws -> [UInt8] {
        try await lab.content(of: disk.description, of: machineName)
    }

    func loseReference(_ reference: JSONValue) async throws {
        try await lab.loseRecoveryPoints(of: machineName)
    }

    func traces() async throws -> [String] { try await lab.traces() }

    func restored(_ outcome: RestoreOutcome, at address: DiskAddress?) async throws -> [UInt8] {
        if let address { return try await lab.content(of: address.description, of: outcome.id) }
        guard let path = try await lab.volumeGroups().first(where: { $0.id == outcome.id })?.disks.first else {
            throw SimulatedLab.Failure(description: "no volume group \(outcome)")
        }
        return try SimulatedLab.bytes(of: path)
    }

    func tearDown() async { await lab.tearDown() }
}
