/// A disk that a restore makes: where it goes and how large it is.
public struct RestoreDisk: Sendable {
    /// The disk's id in the captured configuration.
    public let id: String
    public let address: DiskAddress
    /// Bytes.
    public let size: UInt64

    public init(id: String, address: DiskAddress, size: UInt64) {
        self.id = id
        self.address = address
        self.size = size
    }
}

/// A whole VM to be made from a captured configuration.
public struct VMRestoreRequest: Sendable {
    /// `CapturedMachine.configuration` of the restore point.
    public let configuration: JSONValue
    /// Id and name of the VM that was captured.
    public let originalID: String
    public let originalName: String
    /// Written in this order's positions.
    public let disks: [RestoreDisk]
    public var mapping = RestoreMapping()
    /// Name of the new VM; nil keeps the original's.
    public var name: String?
    /// Replaces the original VM: it is removed once the new one is complete.
    public var isInPlace = false
    public var powersOn = false
    /// Keeps the network addresses of the NICs (MAC); otherwise the cluster gives new ones when the original is there.
    public var keepsMACs = false
    public let runName: String

    public init(
        configuration: JSONValue, originalID: String, originalName: String, disks: [RestoreDisk], runName: String
    ) {
        self.configuration = configuration
        self.originalID = originalID
        self.originalName = originalName
        self.disks = disks
        self.runName = runName
    }
}

/// Where things of the captured VM go; nil and absent keys mean the place they came from.
public struct RestoreMapping: Sendable {
    /// Name or id of the cluster.
    public var cluster: String?
    /// Name or id of the storage container for all disks.
    public var container: String?
    /// Original network's name or id to the new one's.
    public var networks: [String: String] = [:]

    public init() {}
}

/// One disk to be restored by itself.
public struct DiskRestoreRequest: Sendable {
    public enum Destination: Sendable {
        /// Name or id of a VM; a nil address means the next free one on the disk's bus.
        case attach(vm: String, at: DiskAddress?)
        /// A volume group of that name, left on the cluster.
        case volumeGroup(name: String)
    }

    public let disk: RestoreDisk
    public let destination: Destination
    /// The captured VM's configuration, for the place the disk came from.
    public let configuration: JSONValue
    public var mapping = RestoreMapping()
    public let runName: String

    public init(disk: RestoreDisk, destination: Destination, configuration: JSONValue, runName: String) {
        self.disk = disk
        self.destination = destination
        self.configuration = configuration
        self.runName = runName
    }
}

/// What a committed restore made.
public struct RestoreOutcome: Sendable, Codable {
    /// Id and name of the VM or volume group.
    public let id: String
    public let name: String
    /// Where the result differs from what was captured, and what the administrator should know.
    public let notes: [String]

    public init(id: String, name: String, notes: [String]) {
        self.id = id
        self.name = name
        self.notes = notes
    }
}
