/// The pieces of hardware that a machine consists of, as an OVF lists them.
struct OVFItems {
    struct Item {
        /// By their names; the schema wants them sorted.
        var fields: [String: String]
        var coresPerSocket: Int?
    }

    /// Numbers of CIM_ResourceAllocationSettingData.
    enum Resource: Int {
        case processor = 3
        case memory = 4
        case ide = 5
        case scsi = 6
        case network = 10
        case disk = 17
        case otherStorage = 20
    }

    let all: [Item]

    init(_ machine: OVFMachine) {
        var items: [Item] = []
        func add(_ type: Resource, _ name: String, _ fields: [String: String]) {
            var fields = fields
            fields["ElementName"] = name
            fields["InstanceID"] = "\(items.count + 1)"
            fields["ResourceType"] = "\(type.rawValue)"
            items.append(Item(fields: fields))
        }
        add(
            .processor, "\(machine.processors) virtual processors",
            [
                "AllocationUnits": "hertz * 10^6", "Description": "Number of virtual processors",
                "VirtualQuantity": "\(machine.processors)",
            ])
        items[0].coresPerSocket = machine.coresPerSocket
        let mebibytes = (machine.memory + (1 << 20) - 1) >> 20
        add(
            .memory, "\(mebibytes) MB of memory",
            ["AllocationUnits": "byte * 2^20", "Description": "Memory size", "VirtualQuantity": "\(mebibytes)"])
        let firstController = items.count + 1
        var numbers: [OVFMachine.Controller.Kind: Int] = [:]
        for controller in machine.controllers {
            let number = numbers[controller.kind, default: 0]
            numbers[controller.kind] = number + 1
            let (type, model) = Self.words(of: controller)
            var fields = ["Address": "\(number)", "Description": "\(controller.kind.rawValue.uppercased()) controller"]
            fields["ResourceSubType"] = model
            add(type, "\(controller.kind.rawValue.uppercased()) controller \(number)", fields)
        }
        for (index, disk) in machine.disks.enumerated() {
            var fields = ["HostResource": "ovf:/disk/vmdisk\(index + 1)"]
            if let controller = disk.controller {
                fields["AddressOnParent"] = "\(disk.unit)"
                fields["Parent"] = "\(firstController + controller)"
            }
            add(.disk, "Hard disk \(index + 1)", fields)
        }
        for (index, nic) in machine.nics.enumerated() {
            var fields = [
                "AddressOnParent": "\(index)", "AutomaticAllocation": "true", "Connection": nic.network,
                "Description": "\(nic.model) adapter on \(nic.network)", "ResourceSubType": nic.model,
            ]
            fields["Address"] = nic.macAddress
            add(.network, "Network adapter \(index + 1)", fields)
        }
        all = items
    }

    private static func words(of controller: OVFMachine.Controller) -> (Resource, String?) {
        switch controller.kind {
        case .ide: (.ide, controller.model)
        case .scsi: (.scsi, controller.model ?? "lsilogic")
        case .sata: (.otherStorage, controller.model ?? "vmware.sata.ahci")
        case .nvme: (.otherStorage, controller.model ?? "vmware.nvme.controller")
        }
    }
}
