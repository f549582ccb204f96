package import Engine

/// The VM of a restore point for other hypervisors: what they have too, in the words of OVF.
package struct ExportedConfiguration: Sendable {
    package let machine: OVFMachine
    /// What does not go along, one sentence each.
    package let remarks: [String]
    /// Whether the restore point tells what the machine is; else it is a usual one.
    package let isKnown: Bool

    /// Places that a controller has; OVF's readers reserve the eighth of SCSI for the controller itself.
    private static let units: [OVFMachine.Controller.Kind: [Int]] = [
        .scsi: Array(0..<7) + Array(8..<16), .sata: Array(0..<30), .ide: [0, 1],
    ]

    /// - Parameters:
    ///   - configuration: of a restore point, as this source or another one has kept it.
    ///   - disks: those that go along, in order: their addresses and sizes in bytes.
    package init(
        _ configuration: JSONValue, name: String, disks: [(address: DiskAddress, size: UInt64)]
    ) {
        var remarks: [String] = []
        var machine: OVFMachine
        do throws(PrismError) {
            machine = Self.machine(try MachineConfiguration(configuration), name, &remarks)
            isKnown = true
        } catch {
            isKnown = false
            machine = OVFMachine(name: name, processors: 2, memory: 4 << 30)
            remarks.append("the restore point does not tell processors and memory: the OVF says 2 and 4 GiB")
        }
        Self.place(disks, in: &machine)
        self.machine = machine
        self.remarks = remarks
    }

    private static func machine(
        _ kept: MachineConfiguration, _ name: String, _ remarks: inout [String]
    ) -> OVFMachine {
        let record = kept.machine.record
        func number(_ key: String) -> Int { Int(clamping: max(1, record[key]?.integer ?? 1)) }
        let cores = number("numCoresPerSocket")
        let (processors, overflow) = number("numSockets").multipliedReportingOverflow(by: cores)
        var machine = OVFMachine(
            name: name, processors: overflow ? cores : processors, memory: record["memorySizeBytes"]?.bytes ?? 4 << 30)
        machine.coresPerSocket = cores
        let boot = record["bootConfig"]
        if boot?.typeName == "UefiBoot" {
            machine.firmware = .uefi
            machine.hasSecureBoot = boot?["isSecureBootEnabled"]?.bool ?? false
        }
        for card in kept.machine.nics.map({ NetworkCard($0) }) where card.isVirtualEthernet {
            let network = card.subnetID.flatMap { kept.names.networks[$0] } ?? "network"
            machine.nics.append(OVFMachine.NIC(network: network, macAddress: card.mac))
        }
        if record["vtpmConfig"]?["isVtpmEnabled"]?.bool == true {
            remarks.append("the virtual TPM stays behind: what is sealed by it (BitLocker) needs its recovery key")
        }
        if !(record["gpus"]?.array ?? []).isEmpty { remarks.append("GPUs stay behind") }
        return machine
    }

    /// Gives every disk a place; buses that others do not have become SCSI.
    private static func place(_ disks: [(address: DiskAddress, size: UInt64)], in machine: inout OVFMachine) {
        var free: [OVFMachine.Controller.Kind: [(controller: Int, unit: Int)]] = [:]
        for disk in disks {
            let kind =
                OVFMachine.Controller.Kind(rawValue: disk.address.bus).flatMap { units[$0] == nil ? nil : $0 } ?? .scsi
            if free[kind, default: []].isEmpty {
                machine.controllers.append(OVFMachine.Controller(kind))
                free[kind] = (units[kind] ?? []).map { (machine.controllers.count - 1, $0) }
            }
            let place = free[kind]?.removeFirst()
            machine.disks.append(
                OVFMachine.Disk(capacity: disk.size, controller: place?.controller, unit: place?.unit ?? 0))
        }
    }
}
