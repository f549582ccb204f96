/// What a source shows: its clusters and VMs.
public struct Inventory: Sendable, Codable {
    public let clusters: [Cluster]
    public let machines: [VirtualMachine]

    public init(clusters: [Cluster], machines: [VirtualMachine]) {
        self.clusters = clusters
        self.machines = machines
    }
}

/// A cluster and what a restore can choose from.
public struct Cluster: Sendable, Codable, Hashable {
    public let id: String
    public let name: String
    public let version: String
    /// Names of storage containers.
    public let containers: [String]
    /// Names of networks (subnets).
    public let networks: [String]
    /// What keeps this cluster from being backed up, in words; nil when nothing does.
    public let obstacle: String?

    public init(
        id: String, name: String, version: String, containers: [String], networks: [String], obstacle: String? = nil
    ) {
        self.id = id
        self.name = name
        self.version = version
        self.containers = containers
        self.networks = networks
        self.obstacle = obstacle
    }
}

/// A VM in an inventory.
public struct VirtualMachine: Sendable, Codable, Hashable {
    public let id: String
    public let name: String
    public let clusterID: String
    public let clusterName: String
    public let isPoweredOn: Bool
    /// Category key to its values.
    public let categories: [String: [String]]
    public let disks: [Disk]

    public struct Disk: Sendable, Codable, Hashable {
        public let id: String
        public let address: DiskAddress
        /// Bytes.
        public let size: UInt64
        /// Why a backup leaves it out; nil when it does not.
        public let exclusion: String?

        public init(id: String, address: DiskAddress, size: UInt64, exclusion: String? = nil) {
            self.id = id
            self.address = address
            self.size = size
            self.exclusion = exclusion
        }
    }

    public init(
        id: String, name: String, clusterID: String, clusterName: String, isPoweredOn: Bool,
        categories: [String: [String]], disks: [Disk]
    ) {
        self.id = id
        self.name = name
        self.clusterID = clusterID
        self.clusterName = clusterName
        self.isPoweredOn = isPoweredOn
        self.categories = categories
        self.disks = disks
    }
}
