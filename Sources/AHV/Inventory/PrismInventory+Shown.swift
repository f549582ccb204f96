import Engine

extension PrismInventory {
    /// The inventory in the engine's words.
    func shown(with machines: [PrismMachine]) -> Inventory {
        Inventory(
            clusters: clusters.map { cluster in
                Cluster(
                    id: cluster.id, name: cluster.name, version: cluster.version,
                    containers: containers.filter { $0.clusterID == cluster.id }.map(\.name).sorted(),
                    networks: networks.filter { $0.clusterIDs.isEmpty || $0.clusterIDs.contains(cluster.id) }
                        .map(\.name).sorted(),
                    obstacle: cluster.obstacle)
            },
            machines: machines.map(shown))
    }

    private func shown(_ machine: PrismMachine) -> VirtualMachine {
        var values: [String: [String]] = [:]
        for id in machine.categoryIDs {
            if let category = categories[id] { values[category.key, default: []].append(category.value) }
        }
        return VirtualMachine(
            id: machine.id, name: machine.name, clusterID: machine.clusterID,
            clusterName: clusters.first { $0.id == machine.clusterID }?.name ?? "",
            isPoweredOn: machine.isPoweredOn, categories: values.mapValues { $0.sorted() },
            disks: machine.disks.map {
                .init(id: $0.id, address: $0.address, size: $0.size, exclusion: $0.exclusion)
            })
    }
}
