import Glibc
import Logging
import Synchronization

@testable import PrismSimulator

/// A simulator with its own loopback addresses and folder, and hands to do what guests and administrators do.
final class SimulatedLab: Sendable {
    struct Failure: Error, CustomStringConvertible { let description: String }

    static let user = "admin"
    static let password = "lab-password-9"

    let folder: String
    let central: String
    let fingerprint: String
    let elementFingerprints: [String]
    /// Path of a file with all certificates.
    let authorities: String
    private let place: LabPlace
    private let lab: LabDescription
    private let running: Mutex<PrismSimulator?>
    private static let taken = Mutex(0)

    /// - Parameters:
    ///   - settings: the lab's `settings`, as YAML without indentation.
    ///   - machines: the lab's `vms`, as YAML list; the standard ones when nil.
    static func start(
        settings: String = "", machines: String? = nil, dataServices: Bool = true
    ) async throws -> SimulatedLab {
        let place = await LabPlace.take()
        var template = Array("/tmp/ahv-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(description: "no folder for a lab") }
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let number = taken.withLock { taken in
            taken += 1
            return taken
        }
        let block = "127.\(100 + Int(getpid()) % 100).\(number % 250 + 1)"
        let text = LabText.standard(
            settings: settings, machines: machines ?? LabText.machines, hasDataServices: dataServices)
        let lab = try LabDescription.parse(text, folder: folder).moved(to: block)
        let simulator = try await begin(lab, folder)
        return SimulatedLab(place, folder, lab, simulator)
    }

    private init(_ place: LabPlace, _ folder: String, _ lab: LabDescription, _ simulator: PrismSimulator) {
        self.place = place
        self.folder = folder
        self.lab = lab
        central = simulator.endpoints.central.url
        fingerprint = "sha256:" + simulator.endpoints.central.fingerprint
        elementFingerprints = simulator.endpoints.clusters.map { "sha256:" + $0.element.fingerprint }
        authorities = simulator.endpoints.authorities
        running = Mutex(simulator)
    }

    /// A test that failed half-way has not torn its lab down.
    deinit {
        guard let left = running.withLock({ $0 }) else { return }
        Task { [folder] in
            await left.stop()
            removeTree(folder)
        }
    }

    private static func begin(_ lab: LabDescription, _ folder: String) async throws -> PrismSimulator {
        var log = Logger(label: "lab")
        log.handler = SwiftLogNoOpLogHandler()
        return try await PrismSimulator.start(lab: lab, folder: folder + "/state", log: log)
    }

    private var simulator: PrismSimulator {
        get throws {
            guard let simulator = running.withLock({ $0 }) else { throw Failure(description: "the lab is stopped") }
            return simulator
        }
    }

    func stop() async {
        let last = running.withLock { running in
            defer { running = nil }
            return running
        }
        await last?.stop()
    }

    func start() async throws {
        let simulator = try await Self.begin(lab, folder)
        running.withLock { $0 = simulator }
    }

    /// Stops the lab and removes its files.
    func tearDown() async {
        await stop()
        removeTree(folder)
        place.leave()
    }

    // MARK: Guests and administrators

    func write(_ bytes: [UInt8], to disk: String, of machine: String, at offset: Int) async throws {
        try await simulator.world.guestWrites(machine, disk, at: offset, bytes, count: bytes.count)
    }

    func zero(_ count: Int, of disk: String, of machine: String, at offset: Int) async throws {
        try await simulator.world.guestWrites(machine, disk, at: offset, nil, count: count)
    }

    func grow(_ disk: String, of machine: String, to size: Int) async throws {
        try await simulator.world.guestDiskGrows(machine, disk, to: size)
    }

    private func apply(_ fault: Fault) async throws { await (try simulator).world.apply(fault) }

    /// Calls of an operation, counted from now on, are answered with an error.
    func refuse(_ operation: String, calls: ClosedRange<Int> = 1...Int.max, status: Int) async throws {
        try await apply(
            Fault(operation: operation, first: calls.lowerBound, last: calls.upperBound, status: status))
    }

    enum BadTask { case fails, failsLeavingItsWork, neverEnds }

    /// The task that the next call of an operation starts goes wrong.
    func spoilTask(of operation: String, calls: ClosedRange<Int> = 1...1, _ way: BadTask) async throws {
        let fault: TaskFault =
            switch way {
            case .fails: .fail
            case .failsLeavingItsWork: .failLeaving
            case .neverEnds: .neverEnds
            }
        try await apply(
            Fault(operation: operation, first: calls.lowerBound, last: calls.upperBound, task: fault))
    }

    func expireSessions() async throws { try await apply(Fault(event: .expireSessions)) }
    func loseRecoveryPoints(of machine: String) async throws {
        try await apply(Fault(event: .loseRecoveryPoints, name: machine))
    }
    func cutISCSI(after bytes: Int) async throws { try await apply(Fault(event: .cutISCSI, bytes: bytes)) }
    func refuseISCSI(seconds: Double) async throws { try await apply(Fault(event: .refuseISCSI, seconds: seconds)) }
    func hideTargets(seconds: Double) async throws { try await apply(Fault(event: .emptyDiscovery, seconds: seconds)) }
    func degradeConsistency() async throws { try await apply(Fault(event: .degradeConsistency)) }
    func stickOffset() async throws { try await apply(Fault(event: .stuckOffset)) }
    func overshootRegions() async throws { try await apply(Fault(event: .regionBeyondEnd)) }

    func calm() async throws { await (try simulator).world.clearFaults() }

    /// How often an operation was called so far.
    func calls(_ operation: String) async throws -> Int { await (try simulator).world.calls[operation] ?? 0 }

    // MARK: What there is

    struct Machine: Sendable {
        let id: String
        let name: String
        let isOn: Bool
        /// Path of the file behind each disk, by address.
        let disks: [String: String]
    }

    func machines() async throws -> [Machine] { try await summary("vms").map(Self.machine) }

    private static func machine(_ shown: JSONValue) -> Machine {
        var disks: [String: String] = [:]
        for disk in shown["disks"]?.elements ?? [] {
            if let address = disk["address"]?.string { disks[address] = disk["path"]?.string }
        }
        return Machine(
            id: shown["extId"]?.string ?? "", name: shown["name"]?.string ?? "",
            isOn: shown["powerState"]?.string == "ON", disks: disks)
    }

    struct Thing: Sendable, Equatable {
        let id: String
        let name: String
        let disks: [String]
    }

    func volumeGroups() async throws -> [Thing] { try await things("volumeGroups") }
    func recoveryPoints() async throws -> [Thing] { try await things("recoveryPoints") }

    private func things(_ kind: String) async throws -> [Thing] { try await summary(kind).map(Self.thing) }

    private static func thing(_ shown: JSONValue) -> Thing {
        var paths: [String] = []
        for disk in shown["disks"]?.elements ?? [] { if let path = disk["path"]?.string { paths.append(path) } }
        return Thing(id: shown["extId"]?.string ?? "", name: shown["name"]?.string ?? "", disks: paths)
    }

    private func summary(_ member: String) async throws -> [JSONValue] {
        await (try simulator).world.summary()[member]?.elements ?? []
    }

    /// What the guest would read: the whole disk.
    func content(of disk: String, of machine: String) async throws -> [UInt8] {
        let found = try await machines().first { $0.name == machine || $0.id == machine }
        guard let path = found?.disks[disk] else { throw Failure(description: "no disk \(disk) of \(machine)") }
        return try Self.bytes(of: path)
    }

    static func bytes(of path: String) throws -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Failure(description: "no file \(path)") }
        defer { close(file) }
        var status = stat()
        fstat(file, &status)
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        guard pread(file, &bytes, bytes.count, 0) == bytes.count else { throw Failure(description: "short \(path)") }
        return bytes
    }

    /// Names of all that proxies keep on the cluster.
    func traces() async throws -> [String] {
        let names = try await volumeGroups().map(\.name) + recoveryPoints().map(\.name)
        return names.filter { $0.hasPrefix("ahvault-") }.sorted()
    }
}

private func removeTree(_ path: String) {
    guard let entries = opendir(path) else {
        unlink(path)
        return
    }
    while let entry = readdir(entries) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != ".", name != ".." { removeTree(path + "/" + name) }
    }
    closedir(entries)
    rmdir(path)
}
