import Synchronization

@testable import Engine

/// A source of one VM in memory, whose guest the tests play. Restores go to disks in memory too.
final class GuestSource: Source {
    typealias Settings = NoSettings
    static let name = "guest"
    static let summary = "a VM in memory"

    struct State: Sendable {
        var disks: [GuestDisk] = []
        var generation = 1
        var restored: [[GuestDisk]] = []
        var abandoned = 0
        /// How often left-overs were looked for, and what is found each time.
        var sweeps = 0
        var leftOver: [String] = []
        var failsToFreeze = false
        var bytesRead: UInt64 = 0
        var readsUntilFailure: Int?
        /// Bytes to whose multiples changed regions are widened; nil names the pages that changed.
        var grain: UInt64?
        /// Happens before each read.
        var onRead: @Sendable () -> Void = {}
        var beforeRead: @Sendable () async -> Void = {}
    }

    let state = Mutex(State())
    let vm: VirtualMachine

    init(_ settings: NoSettings, in context: PluginContext) throws(EngineError) { vm = Self.machine("vm-1") }

    init(_ disks: [GuestDisk], vm: String = "vm-1") {
        self.vm = Self.machine(vm)
        state.withLock { $0.disks = disks }
    }

    private static func machine(_ id: String) -> VirtualMachine {
        VirtualMachine(
            id: id, name: "web", clusterID: "c", clusterName: "lab", isPoweredOn: true, categories: [:], disks: [])
    }

    func change(_ body: (inout [GuestDisk], Int) -> Void) {
        state.withLock { state in body(&state.disks, state.generation) }
    }

    func open() async throws(EngineError) {}
    func close() async {}
    func inventory() async throws(EngineError) -> Inventory { Inventory(clusters: [], machines: [vm]) }
    func sweep(_ request: SweepRequest) async throws(EngineError) -> [String] {
        state.withLock { state in
            state.sweeps += 1
            return state.leftOver
        }
    }

    func capture(_ request: CaptureRequest) async throws(EngineError) -> any Capture {
        guard !state.withLock({ $0.failsToFreeze }) else { throw EngineError(.failed, "the guest cannot be frozen") }
        let frozen = state.withLock { state in
            defer { state.generation += 1 }
            return (state.disks, state.generation)
        }
        return GuestCapture(source: self, disks: frozen.0, generation: frozen.1)
    }

    func restoreVM(_ request: VMRestoreRequest) async throws(EngineError) -> any RestoreSession {
        GuestRestore(
            source: self, disks: request.disks.map { GuestDisk(id: $0.id, address: $0.address, size: $0.size) })
    }

    func restoreDisk(_ request: DiskRestoreRequest) async throws(EngineError) -> any RestoreSession {
        let disk = request.disk
        return GuestRestore(source: self, disks: [GuestDisk(id: disk.id, address: disk.address, size: disk.size)])
    }
}

private struct GuestCapture: Capture {
    let source: GuestSource
    let disks: [GuestDisk]
    let generation: Int

    var machine: CapturedMachine {
        CapturedMachine(
            configuration: ["name": "web"],
            disks: disks.map { CapturedDisk(id: $0.id, address: $0.address, size: $0.size) },
            skipped: ["ide.0 (CD-ROM): not part of a backup"], consistency: .crash, warnings: [],
            reference: ["generation": .integer(Int64(generation))])
    }

    private func disk(_ captured: CapturedDisk) throws(EngineError) -> GuestDisk {
        guard let disk = disks.first(where: { $0.id == captured.id }) else {
            throw EngineError(.notFound, "no disk \(captured.id)")
        }
        return disk
    }

    func regions(of captured: CapturedDisk, since reference: DiskReference?) async throws(EngineError) -> RegionMap {
        let disk = try disk(captured)
        guard let before = reference?.capture["generation"]?.integer else {
            return RegionMap(coverage: .used, regions: disk.regions(of: disk.pages.keys))
        }
        if let grain = source.state.withLock({ $0.grain }) {
            let ranges = disk.written.filter { $0.key > Int(before) && $0.key <= generation }.values.flatMap { $0 }
            return RegionMap(coverage: .changes, regions: disk.regions(of: ranges, grain: grain))
        }
        let changed = disk.changes.filter { $0.key > Int(before) && $0.key <= generation }.values
        return RegionMap(
            coverage: .changes, regions: disk.regions(of: changed.reduce(into: Set()) { $0.formUnion($1) }))
    }

    func read(_ range: ByteRange, of captured: CapturedDisk, into output: Buffer) async throws(EngineError) {
        let isBroken = source.state.withLock { state in
            state.bytesRead += range.count
            guard let left = state.readsUntilFailure else { return false }
            state.readsUntilFailure = left - 1
            return left <= 0
        }
        source.state.withLock { $0.onRead }()
        await source.state.withLock { $0.beforeRead }()
        if isBroken { throw EngineError(.unreachable, "the connection broke") }
        output.append(try disk(captured).read(range).span.bytes)
    }

    func finish(_ outcome: CaptureOutcome) async -> [String] {
        if outcome == .abandoned { source.state.withLock { $0.abandoned += 1 } }
        return []
    }
}

private final class GuestRestore: RestoreSession {
    let source: GuestSource
    let disks: Mutex<[GuestDisk]>

    init(source: GuestSource, disks: [GuestDisk]) {
        self.source = source
        self.disks = Mutex(disks)
    }

    func write(_ buffer: Buffer, _ range: Range<Int>, to disk: Int, at offset: UInt64) async throws(EngineError) {
        let bytes = buffer.withBytes(range) { span in span.withUnsafeBytes { Array($0) } }
        disks.withLock { $0[disk].write(bytes, at: offset, generation: 0) }
    }

    func commit() async throws(EngineError) -> RestoreOutcome {
        let disks = disks.withLock { $0 }
        source.state.withLock { $0.restored.append(disks) }
        return RestoreOutcome(id: "new", name: "web", notes: [])
    }

    func abandon() async -> [String] { ["the disks"] }
}
