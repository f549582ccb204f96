package import Engine

/// The configuration of a VM that comes from elsewhere, as AHV keeps those of its own: with it a restore makes the VM.
package struct ImportedConfiguration: Sendable {
    /// How it starts.
    package enum Firmware: String, Sendable, CaseIterable {
        case bios
        case uefi
        /// UEFI that starts only what is signed.
        case secure
    }

    package var name: String
    package var processors = 2
    /// Bytes.
    package var memory: UInt64 = 4 << 30
    package var firmware = Firmware.bios
    package var disks: [(address: DiskAddress, size: UInt64)] = []

    package init(name: String) { self.name = name }

    /// What a restore point of this VM holds as its configuration.
    package var json: JSONValue {
        .object([
            "vm": .typed(
                "vmm.v4.ahv.config.Vm",
                [
                    "name": .string(name), "description": "imported by AHVault", "machineType": machineType,
                    "numSockets": .integer(Int64(processors)), "numCoresPerSocket": 1, "numThreadsPerCore": 1,
                    "memorySizeBytes": .integer(Int64(memory)), "bootConfig": boot,
                    "disks": .array(disks.map { disk($0.address, $0.size) }),
                ]),
            "names": .object([:]),
        ])
    }

    /// Secure boot needs the newer machine.
    private var machineType: JSONValue? { firmware == .secure ? "Q35" : nil }

    private var boot: JSONValue {
        switch firmware {
        case .bios: .typed("vmm.v4.ahv.config.LegacyBoot", ["bootOrder": ["DISK", "CDROM", "NETWORK"]])
        case .uefi: .typed("vmm.v4.ahv.config.UefiBoot", ["isSecureBootEnabled": false])
        case .secure: .typed("vmm.v4.ahv.config.UefiBoot", ["isSecureBootEnabled": true])
        }
    }

    private func disk(_ address: DiskAddress, _ size: UInt64) -> JSONValue {
        .typed(
            "vmm.v4.ahv.config.Disk",
            [
                "diskAddress": .typed(
                    "vmm.v4.ahv.config.DiskAddress",
                    ["busType": .string(address.bus.uppercased()), "index": .integer(Int64(address.index))]),
                "backingInfo": .typed(
                    "vmm.v4.ahv.config.VmDisk",
                    ["diskExtId": .string(address.description), "diskSizeBytes": .integer(Int64(size))]),
            ])
    }
}
