import Engine

/// What Prism Central lists, with the names behind the ids.
struct PrismInventory: Sendable {
    let clusters: [PrismCluster]
    let containers: [StorageContainer]
    let networks: [Subnet]
    let categories: [String: Category]

    struct StorageContainer: Sendable {
        let id: String
        let name: String
        let clusterID: String
    }

    struct Subnet: Sendable {
        let id: String
        let name: String
        /// Clusters it reaches; none for an overlay, which reaches all.
        let clusterIDs: [String]
    }

    struct Category: Sendable, Equatable {
        let key: String
        let value: String
    }

    static func read(_ prism: PrismClient) async throws(PrismError) -> PrismInventory {
        let clusters = try await prism.list(.clusters, "config/clusters").compactMap { PrismCluster($0) }
        let containers = try await prism.list(.clusters, "config/storage-containers", id: containerID)
        let networks = try await subnets(prism)
        let categories = try await prism.list(.prism, "config/categories")
        return PrismInventory(
            clusters: clusters, containers: containers.compactMap(container), networks: networks,
            categories: Dictionary(categories.compactMap(category)) { first, _ in first })
    }

    /// Overlay subnets are listed only when they are asked for.
    private static func subnets(_ prism: PrismClient) async throws(PrismError) -> [Subnet] {
        var found = try await prism.list(.networking, "config/subnets")
        do throws(PrismError) {
            found += try await prism.list(
                .networking, "config/subnets", filter: "subnetType eq Networking.Config.SubnetType'OVERLAY'")
        } catch {
            // Servers without overlays refuse the filter.
            guard error.status == 400 || error.status == 404 else { throw error }
        }
        var seen: Set<String> = []
        return found.compactMap { subnet($0) }.filter { seen.insert($0.id).inserted }
    }

    /// The id of a container stands in a member of its own.
    private static func containerID(_ item: JSONValue) -> String? { item["containerExtId"]?.string ?? item.extID }

    private static func container(_ item: JSONValue) -> StorageContainer? {
        guard let id = containerID(item), let name = item["name"]?.string, item["isInternal"]?.bool != true,
            name != "NutanixManagementShare"
        else { return nil }
        return StorageContainer(id: id, name: name, clusterID: item["clusterExtId"]?.string ?? "")
    }

    private static func subnet(_ item: JSONValue) -> Subnet? {
        guard let id = item.extID, let name = item["name"]?.string else { return nil }
        let listed = (item["clusterReferenceList"]?.array ?? []).compactMap(\.string)
        let single = item["clusterReference"]?.string.map { [$0] } ?? []
        return Subnet(id: id, name: name, clusterIDs: Array(Set(listed + single)))
    }

    private static func category(_ item: JSONValue) -> (String, Category)? {
        guard let id = item.extID, let key = item["key"]?.string, let value = item["value"]?.string else { return nil }
        return (id, Category(key: key, value: value))
    }
}

/// One cluster that runs VMs.
struct PrismCluster: Sendable {
    let id: String
    let name: String
    let version: String
    /// Where iSCSI is served, if an administrator has set it.
    let dataServices: String?
    let virtualAddress: String?
    /// Every address that speaks for this cluster: the virtual one and those of its controller VMs.
    let addresses: Set<String>

    /// Nil for Prism Central's own entry in the list and for other things that run no VMs.
    init?(_ item: JSONValue) {
        guard let id = item.extID else { return nil }
        let functions = (item["config"]?["clusterFunction"]?.array ?? []).compactMap(\.string)
        guard !functions.contains("PRISM_CENTRAL") else { return nil }
        self.id = id
        name = item["name"]?.string ?? id
        version = Self.version(item["config"]?["buildInfo"])
        let network = item["network"]
        dataServices = network?["externalDataServiceIp"]?.address
        virtualAddress = network?["externalAddress"]?.address
        let nodes = item["nodes"]?["nodeList"]?.array ?? []
        let own = [virtualAddress] + nodes.map { $0["controllerVmIp"]?.address }
        addresses = Set(own.compactMap { $0 })
    }

    /// The address of a REST service on a host of a cluster.
    static func base(_ host: String, port: Int) -> String {
        host.contains(":") ? "https://[\(host)]:\(port)" : "https://\(host):\(port)"
    }

    private static func version(_ build: JSONValue?) -> String {
        if let version = build?["version"]?.string, !version.isEmpty { return version }
        let full = build?["fullVersion"]?.string ?? ""
        let parts = full.split(separator: "-")
        let behind = parts.drop { $0 != "ganges" }.dropFirst().first
        return behind.map { String($0) } ?? full
    }

    var obstacle: String? {
        dataServices == nil
            ? "it has no iSCSI data services IP: set one in Prism under Cluster Details" : nil
    }
}
