public import Engine

/// A small cluster of its own for one contract case: a source, a VM, and hands to do what guests and administrators do.
///
/// Every case gets a new fixture. The VM has at least two disks; every disk holds 16 to 64 MiB, is mostly blank, and its
/// size is a multiple of 512. The cluster holds nothing of this proxy when the fixture is new.
public protocol SourceFixture: Sendable {
    /// A new source over the same cluster, not opened. A second one plays the proxy after a crash.
    func makeSource() async throws -> any Source

    /// The VM's name in the inventory.
    var machineName: String { get }

    /// Whether captures find differences; false for a source that always answers with the used map.
    var findsDifferences: Bool { get }

    /// The guest writes.
    func write(_ bytes: [UInt8], to disk: DiskAddress, at offset: UInt64) async throws

    /// The administrator makes a disk larger; the new part is blank.
    func grow(_ disk: DiskAddress, to size: UInt64) async throws

    /// What the guest would read now: the whole disk.
    func content(of disk: DiskAddress) async throws -> [UInt8]

    /// Makes the capture that `reference` (a `CapturedMachine.reference`) stands for vanish behind the source's back.
    func loseReference(_ reference: JSONValue) async throws

    /// Names of all that this proxy keeps on the cluster now, sorted: recovery points, temporary volume groups, state
    /// files, half-made VMs and disks. What committed restores made does not count.
    func traces() async throws -> [String]

    /// The whole content of a disk that a committed restore made: the one at `address` of the VM that `outcome` names,
    /// or with nil the only disk of the volume group that it names.
    func restored(_ outcome: RestoreOutcome, at address: DiskAddress?) async throws -> [UInt8]

    /// Ends what the fixture started and removes its files.
    func tearDown() async
}
