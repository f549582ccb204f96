import Engine

/// The configuration kept with a restore point: Prism's own description of the VM, whole, and the names behind its ids.
struct MachineConfiguration: Sendable {
    let machine: PrismMachine
    /// Names of what the description refers to by id, as they were when it was taken.
    let names: Names

    struct Names: Sendable {
        let cluster: String
        let containers: [String: String]
        let networks: [String: String]
        let categories: [String: PrismInventory.Category]
    }

    init(_ machine: PrismMachine, in inventory: PrismInventory) {
        self.machine = machine
        let networks = Set(machine.nics.compactMap { NetworkCard($0).subnetID })
        let containers = Set(machine.disks.compactMap(\.containerID))
        names = Names(
            cluster: inventory.clusters.first { $0.id == machine.clusterID }?.name ?? "",
            containers: Dictionary(
                inventory.containers.filter { containers.contains($0.id) }.map { ($0.id, $0.name) }
            ) { first, _ in first },
            networks: Dictionary(
                inventory.networks.filter { networks.contains($0.id) }.map { ($0.id, $0.name) }
            ) { first, _ in first },
            categories: inventory.categories.filter { machine.categoryIDs.contains($0.key) })
    }

    /// - Throws: `corrupt` if `value` is no configuration that this source has kept.
    init(_ value: JSONValue) throws(PrismError) {
        guard let record = value["vm"], case .object = record else {
            throw PrismError(.corrupt, "the restore point's configuration is not that of a VM on AHV")
        }
        machine = PrismMachine(record: record)
        let kept = value["names"]
        func texts(_ member: String) -> [String: String] {
            (kept?[member]?.object ?? [:]).compactMapValues(\.string)
        }
        names = Names(
            cluster: kept?["cluster"]?.string ?? "", containers: texts("containers"), networks: texts("networks"),
            categories: (kept?["categories"]?.object ?? [:]).compactMapValues { item in
                guard let key = item["key"]?.string, let value = item["value"]?.string else { return nil }
                return PrismInventory.Category(key: key, value: value)
            })
    }

    var json: JSONValue {
        let categories = names.categories.mapValues { category in
            JSONValue.object(["key": .string(category.key), "value": .string(category.value)])
        }
        return .object([
            "vm": machine.record,
            "names": .object([
                "cluster": .string(names.cluster),
                "containers": .object(names.containers.mapValues { .string($0) }),
                "networks": .object(names.networks.mapValues { .string($0) }),
                "categories": .object(categories),
            ]),
        ])
    }
}

/// A network card of a VM, in the old form of the API or the new one; the new one wins.
struct NetworkCard: Sendable {
    let record: JSONValue

    init(_ record: JSONValue) { self.record = record }

    private var backing: JSONValue? { record["nicBackingInfo"] ?? record["backingInfo"] }
    var network: JSONValue? { record["nicNetworkInfo"] ?? record["networkInfo"] }
    var mac: String? { backing?["macAddress"]?.string }
    var model: String? { backing?["model"]?.string }
    var isConnected: Bool { backing?["isConnected"]?.bool ?? true }
    var queues: Int64? { backing?["numQueues"]?.integer }
    var subnetID: String? { network?["subnet"]?.extID }
    /// Whether it is an ordinary card, the only kind that can be made anew.
    var isVirtualEthernet: Bool {
        ["VirtualEthernetNic", "EmulatedNic", nil].contains(backing?.typeName)
    }
}
