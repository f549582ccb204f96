/// Where virtual machines live. Every sentence here has a case in `SourceContract`.
///
/// Calls come from several tasks at once. A source may block: the engine calls it on threads of its own.
public protocol Source: Plugin {
    /// Connects and checks the credentials. Other calls come only between `open` and `close`.
    func open() async throws(EngineError)

    /// Ends the connection; safe to call twice and after a failed `open`.
    func close() async

    /// The clusters and VMs this source shows.
    func inventory() async throws(EngineError) -> Inventory

    /// Removes what an earlier crash of this proxy left on the cluster, and says what it removed.
    ///
    /// Only things named for this proxy and `request.repository` are looked at.
    func sweep(_ request: SweepRequest) async throws(EngineError) -> [String]

    /// Freezes a VM in a recovery point and makes its disks readable.
    ///
    /// On an error nothing is left on the cluster.
    func capture(_ request: CaptureRequest) async throws(EngineError) -> any Capture

    /// Makes blank disks for a whole VM on the cluster, ready to be written.
    ///
    /// The VM itself appears when the restore is committed. On an error nothing is left on the cluster.
    /// - Throws: `.configuration` when a cluster, container or network cannot be mapped; `.unsupported` when this
    ///   source cannot be restored to.
    func restoreVM(_ request: VMRestoreRequest) async throws(EngineError) -> any RestoreSession

    /// Makes one blank disk on the cluster, to be attached to a VM or left as a volume group.
    func restoreDisk(_ request: DiskRestoreRequest) async throws(EngineError) -> any RestoreSession
}

/// One VM, frozen, while it is read. Reads of all disks may be in flight at once.
public protocol Capture: Sendable {
    /// What was frozen.
    var machine: CapturedMachine { get }

    /// Which parts of a disk must be read: the used ones, or with a reference the changed ones.
    ///
    /// When there is no valid difference since `reference`, the answer is the used map with the reason in
    /// `RegionMap.fallback`; that is no error.
    /// - Parameter reference: `CapturedMachine.reference` of an earlier capture of the same VM, kept in its manifest.
    func regions(of disk: CapturedDisk, since reference: DiskReference?) async throws(EngineError) -> RegionMap

    /// Appends the bytes of `range` of a disk to `output`; `range` lies within the disk, on multiples of 512 bytes or
    /// ends at the disk's end.
    /// - Throws: a retryable error only after the source's own attempts to reconnect.
    func read(_ range: ByteRange, of disk: CapturedDisk, into output: Buffer) async throws(EngineError)

    /// Ends the capture and cleans up on the cluster; called exactly once, whatever happened. Returns warnings.
    ///
    /// After `.committed` the recovery point stays as the reference of the next capture, and the one before is
    /// removed; after `.abandoned` nothing of this capture stays.
    func finish(_ outcome: CaptureOutcome) async -> [String]
}

/// Blank disks on a cluster while a restore fills them. Writes to all disks may be in flight at once.
public protocol RestoreSession: Sendable {
    /// Writes the bytes `range` of `buffer` at `offset` of the disk at position `disk` of the request.
    func write(
        _ buffer: Buffer, _ range: Range<Int>, to disk: Int, at offset: UInt64
    ) async throws(EngineError)

    /// Makes the disks durable and hands them over: the VM or the attachment appears now.
    func commit() async throws(EngineError) -> RestoreOutcome

    /// Removes everything this restore made on the cluster and says what that was; also after a failed `commit`.
    func abandon() async -> [String]
}

/// What a sweep may remove.
///
/// Things on a cluster are named `ahvault-<proxy id>-<run name>-…`, and a run name is `<repository tag>-<random>`.
public struct SweepRequest: Sendable {
    /// First part of the run names that are looked at.
    public let repository: String
    /// References of committed restore points; recovery points named there stay.
    public let kept: [JSONValue]
    /// Whether the run of that name is still alive; what belongs to it stays.
    public let isRunning: @Sendable (String) -> Bool

    public init(repository: String, kept: [JSONValue], isRunning: @escaping @Sendable (String) -> Bool) {
        self.repository = repository
        self.kept = kept
        self.isRunning = isRunning
    }
}

/// What a capture is asked for.
public struct CaptureRequest: Sendable {
    public let vm: VirtualMachine
    public let consistency: Consistency
    /// Names this run, `<repository tag>-<random>`; part of the names of temporary things on the cluster.
    public let runName: String
    /// The newest committed capture of this VM: its recovery point is the reference of the difference.
    public let previous: JSONValue?

    public init(vm: VirtualMachine, consistency: Consistency, runName: String, previous: JSONValue?) {
        self.vm = vm
        self.consistency = consistency
        self.runName = runName
        self.previous = previous
    }
}

/// How a VM is frozen.
public enum Consistency: String, Sendable, Codable, CaseIterable {
    /// As if the power had failed at that moment.
    case crash
    /// After the guest has flushed its applications.
    case application
}

/// Whether what was captured is now part of a committed restore point.
public enum CaptureOutcome: Sendable, Equatable {
    case committed
    case abandoned
}

/// A frozen VM.
public struct CapturedMachine: Sendable {
    /// The VM as the source describes it, whole.
    public let configuration: JSONValue
    public let disks: [CapturedDisk]
    /// Devices that are not backed up, each with its reason: `ide.0 (CD-ROM): not part of a backup`.
    public let skipped: [String]
    /// What was really reached.
    public let consistency: Consistency
    public let warnings: [String]
    /// What a later capture needs to find this one again. Kept in the manifest; nobody but the source reads it.
    public let reference: JSONValue

    public init(
        configuration: JSONValue, disks: [CapturedDisk], skipped: [String], consistency: Consistency,
        warnings: [String], reference: JSONValue
    ) {
        self.configuration = configuration
        self.disks = disks
        self.skipped = skipped
        self.consistency = consistency
        self.warnings = warnings
        self.reference = reference
    }
}

/// One disk of a frozen VM.
public struct CapturedDisk: Sendable, Hashable {
    /// The source's id of the disk, the same in every capture.
    public let id: String
    /// Bus and index: `scsi.0`. What people call the disk.
    public let address: DiskAddress
    /// Bytes; a multiple of 512.
    public let size: UInt64

    public init(id: String, address: DiskAddress, size: UInt64) {
        self.id = id
        self.address = address
        self.size = size
    }
}

/// Where a disk is plugged in: `scsi.0`, `sata.1`.
public struct DiskAddress: Sendable, Hashable, Codable, CustomStringConvertible, Comparable {
    /// Lower case: scsi, sata, ide, pci.
    public let bus: String
    public let index: Int

    public init(bus: String, index: Int) {
        self.bus = bus.lowercased()
        self.index = index
    }

    /// Reads `scsi.0`.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, let index = Int(parts[1]), index >= 0 else { return nil }
        self.init(bus: String(parts[0]), index: index)
    }

    public var description: String { "\(bus).\(index)" }
    public static func < (a: DiskAddress, b: DiskAddress) -> Bool { (a.bus, a.index) < (b.bus, b.index) }
}

/// The earlier capture that a difference is asked against.
public struct DiskReference: Sendable {
    /// `CapturedMachine.reference` of the earlier capture.
    public let capture: JSONValue
    /// The disk's size then, in bytes.
    public let size: UInt64

    public init(capture: JSONValue, size: UInt64) {
        self.capture = capture
        self.size = size
    }
}

/// Which parts of a disk a backup must look at.
public struct RegionMap: Sendable {
    public enum Coverage: Sendable, Equatable {
        /// The regions are all there is: what none names is zero.
        case used
        /// The regions are what changed: what none names is as it was at the reference.
        case changes
    }

    public struct Region: Sendable, Equatable {
        public let range: ByteRange
        /// Reads as zero now and need not be read.
        public let isZero: Bool

        public init(_ range: ByteRange, isZero: Bool) {
            self.range = range
            self.isZero = isZero
        }
    }

    public let coverage: Coverage
    /// Ascending, without overlap, within the disk.
    public let regions: [Region]
    /// Why there is no difference although a reference was given, in words.
    public let fallback: String?

    public init(coverage: Coverage, regions: [Region], fallback: String? = nil) {
        self.coverage = coverage
        self.regions = regions
        self.fallback = fallback
    }
}
