import Engine

/// Where a restore goes: the cluster, and the containers and networks of it that take the place of the captured ones.
struct RestorePlace: Sendable {
    let cluster: PrismCluster
    /// Id of a storage container for each disk of the request, in its order.
    let containers: [String]
    /// Captured network's id to the new one's.
    let networks: [String: String]
}

/// Finds the place of a restore from what was captured, what the user asked for and what the clusters have.
struct RestorePlaceFinder: Sendable {
    let inventory: PrismInventory
    let configuration: MachineConfiguration
    let mapping: RestoreMapping

    /// - Throws: `configuration` naming what cannot be placed and what there is to choose from.
    func find(disks: [RestoreDisk], withNetworks: Bool) throws(PrismError) -> RestorePlace {
        let cluster = try self.cluster()
        var containers: [String] = []
        for disk in disks { containers.append(try container(of: disk, on: cluster)) }
        return RestorePlace(
            cluster: cluster, containers: containers, networks: withNetworks ? try networks(on: cluster) : [:])
    }

    private func cluster() throws(PrismError) -> PrismCluster {
        let clusters = inventory.clusters
        let choices = "choose one of: " + clusters.map { "'\($0.name)'" }.joined(separator: ", ")
        if let wanted = mapping.cluster {
            if let cluster = clusters.first(where: { $0.id == wanted }) ?? only(clusters.filter { $0.name == wanted }) {
                return cluster
            }
            throw PrismError(.configuration, "there is no one cluster '\(wanted)'; \(choices)")
        }
        let original = configuration.machine.clusterID
        let name = configuration.names.cluster
        if let cluster = clusters.first(where: { $0.id == original }) ?? only(clusters.filter { $0.name == name }) {
            return cluster
        }
        if original.isEmpty, let cluster = only(clusters) { return cluster }
        let what = original.isEmpty ? "the VM comes from no cluster" : "the VM's cluster '\(name)' is not here"
        throw PrismError(.configuration, "\(what); \(choices)")
    }

    private func container(of disk: RestoreDisk, on cluster: PrismCluster) throws(PrismError) -> String {
        let all = inventory.containers.filter { $0.clusterID == cluster.id }
        let choices = "cluster '\(cluster.name)' has: " + all.map { "'\($0.name)'" }.joined(separator: ", ")
        if let wanted = mapping.container {
            if let found = all.first(where: { $0.id == wanted }) ?? all.first(where: { $0.name == wanted }) {
                return found.id
            }
            throw PrismError(.configuration, "there is no storage container '\(wanted)'; \(choices)")
        }
        let original = configuration.machine.disks.first { $0.id == disk.id }?.containerID ?? ""
        let name = configuration.names.containers[original]
        if let found = all.first(where: { $0.id == original }) ?? all.first(where: { $0.name == name }) {
            return found.id
        }
        if original.isEmpty {
            if all.count == 1 { return all[0].id }
            throw PrismError(.configuration, "disk \(disk.address) comes from no storage container; \(choices)")
        }
        throw PrismError(
            .configuration,
            "the storage container '\(name ?? original)' of disk \(disk.address) is not here; \(choices)")
    }

    private func networks(on cluster: PrismCluster) throws(PrismError) -> [String: String] {
        let used = Set(configuration.machine.nics.compactMap { NetworkCard($0).subnetID })
        let names = configuration.names.networks
        for asked in mapping.networks.keys where !used.contains(asked) && !used.contains(where: { names[$0] == asked })
        {
            let own = used.map { "'\(names[$0] ?? $0)'" }.sorted().joined(separator: ", ")
            throw PrismError(.configuration, "the VM has no card on a network '\(asked)'; it has: \(own)")
        }
        let all = inventory.networks.filter { $0.clusterIDs.isEmpty || $0.clusterIDs.contains(cluster.id) }
        let choices = "cluster '\(cluster.name)' has: " + all.map { "'\($0.name)'" }.joined(separator: ", ")
        var found: [String: String] = [:]
        for id in used {
            let name = names[id]
            let wanted = mapping.networks[id] ?? name.flatMap { mapping.networks[$0] }
            let match =
                wanted.map { wanted in all.first { $0.id == wanted } ?? all.first { $0.name == wanted } }
                ?? (all.first { $0.id == id } ?? all.first { $0.name == name })
            guard let match else {
                throw PrismError(.configuration, "there is no network '\(wanted ?? name ?? id)'; \(choices)")
            }
            found[id] = match.id
        }
        return found
    }

    private func only(_ clusters: [PrismCluster]) -> PrismCluster? { clusters.count == 1 ? clusters[0] : nil }
}
