/// Takes a machine out of the elements of an OVF.
struct OVFReading {
    private(set) var machine: OVFMachine
    private(set) var files: [OVFDescription.File] = []
    private(set) var remarks: [String] = []
    /// Disks of the disk section by their ids.
    private var disks: [String: OVFMachine.Disk] = [:]
    /// Indices of controllers by the ids of their items.
    private var controllers: [String: Int] = [:]

    private static let most = 1024

    init(_ envelope: MarkupElement, _ system: MarkupElement) throws(EngineError) {
        let name = system.child("Name")?.trimmedText ?? system[attribute: "id"] ?? "unnamed"
        machine = OVFMachine(name: name, processors: 1, memory: 0)
        try takeFiles(envelope)
        try takeDisks(envelope)
        takeSystem(system)
        guard let hardware = system.child("VirtualHardwareSection") else {
            throw EngineError(.corrupt, "the VM `\(name)` has no hardware")
        }
        let items = hardware.children("Item", "StorageItem", "EthernetPortItem")
        guard items.count <= Self.most else { throw EngineError(.corrupt, "\(items.count) pieces of hardware") }
        for item in items { try takeController(item) }
        for item in items { try take(item) }
        takeFirmware(hardware)
        guard machine.memory > 0 else { throw EngineError(.corrupt, "the VM `\(name)` has no memory") }
    }

    // MARK: Files and disks

    private mutating func takeFiles(_ envelope: MarkupElement) throws(EngineError) {
        for file in envelope.child("References")?.children("File") ?? [] {
            guard let id = file[attribute: "id"], let name = file[attribute: "href"] else {
                throw EngineError(.corrupt, "a file without a name or an id")
            }
            guard file[attribute: "chunkSize"] == nil else {
                throw EngineError(.unsupported, "the file \(name) is cut into chunks, which is not supported")
            }
            let compression = file[attribute: "compression"] ?? "identity"
            guard compression == "identity" || compression.isEmpty else {
                throw EngineError(
                    .unsupported, "the file \(name) is compressed by \(compression), which is not supported")
            }
            var size: UInt64?
            if let text = file[attribute: "size"] {
                guard let number = UInt64(text) else {
                    throw EngineError(.corrupt, "the file \(name) has `\(text)` bytes")
                }
                size = number
            }
            guard !files.contains(where: { $0.id == id }) else { throw EngineError(.corrupt, "two files are `\(id)`") }
            files.append(OVFDescription.File(id: id, name: name, size: size))
        }
    }

    private mutating func takeDisks(_ envelope: MarkupElement) throws(EngineError) {
        for disk in envelope.child("DiskSection")?.children("Disk") ?? [] {
            guard let id = disk[attribute: "diskId"] else { throw EngineError(.corrupt, "a disk without an id") }
            guard disk[attribute: "parentRef"] == nil else {
                throw EngineError(
                    .unsupported, "the disk `\(id)` is the difference to another one, which is not supported")
            }
            let unit = disk[attribute: "capacityAllocationUnits"] ?? "byte"
            guard let text = disk[attribute: "capacity"], let number = UInt64(text),
                let capacity = Self.product(number, unit)
            else { throw EngineError(.corrupt, "the disk `\(id)` has no capacity that can be read") }
            var file: String?
            if let reference = disk[attribute: "fileRef"] {
                guard let found = files.first(where: { $0.id == reference }) else {
                    throw EngineError(.corrupt, "the disk `\(id)` is in the file `\(reference)`, which is not listed")
                }
                file = found.name
            }
            disks[id] = OVFMachine.Disk(
                capacity: capacity, controller: nil, unit: 0, file: file, format: disk[attribute: "format"] ?? "")
        }
    }

    /// A number of `byte * 2^20`, `byte * 10^6`, or of old words such as `MegaBytes`.
    static func product(_ number: UInt64, _ unit: String) -> UInt64? {
        let word = unit.filter { $0 != " " }.lowercased()
        let old: [String: UInt64] = [
            "": 1, "byte": 1, "bytes": 1, "kilobytes": 1 << 10, "kb": 1 << 10, "megabytes": 1 << 20, "mb": 1 << 20,
            "gigabytes": 1 << 30, "gb": 1 << 30, "terabytes": 1 << 40,
        ]
        var factor = old[word]
        if factor == nil, word.hasPrefix("byte*") {
            let parts = word.dropFirst(5).split(separator: "^", omittingEmptySubsequences: false).map { UInt64($0) }
            switch parts.count {
            case 1: factor = parts[0]
            case 2: factor = power(parts[0], parts[1])
            default: factor = nil
            }
        }
        guard let factor else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: factor)
        return overflow ? nil : product
    }

    private static func power(_ base: UInt64?, _ exponent: UInt64?) -> UInt64? {
        guard let base, let exponent, base > 1, exponent < 64 else { return nil }
        var result: UInt64 = 1
        for _ in 0..<exponent {
            let (next, overflow) = result.multipliedReportingOverflow(by: base)
            guard !overflow else { return nil }
            result = next
        }
        return result
    }

    // MARK: Hardware

    private mutating func takeSystem(_ system: MarkupElement) {
        guard let section = system.child("OperatingSystemSection") else { return }
        machine.operatingSystem = section.child("Description")?.trimmedText
        machine.operatingSystemType = section[attribute: "osType"]
    }

    private func field(_ name: String, of item: MarkupElement) -> String? { item.child(name)?.trimmedText }

    private mutating func takeController(_ item: MarkupElement) throws(EngineError) {
        let model = field("ResourceSubType", of: item)
        let kind: OVFMachine.Controller.Kind
        switch field("ResourceType", of: item).flatMap(Int.init).flatMap(OVFItems.Resource.init(rawValue:)) {
        case .ide: kind = .ide
        case .scsi: kind = .scsi
        case .otherStorage: kind = model?.lowercased().contains("nvme") == true ? .nvme : .sata
        default: return
        }
        guard let id = field("InstanceID", of: item) else { throw EngineError(.corrupt, "a controller without an id") }
        controllers[id] = machine.controllers.count
        machine.controllers.append(OVFMachine.Controller(kind, model: model))
    }

    private mutating func take(_ item: MarkupElement) throws(EngineError) {
        guard let type = field("ResourceType", of: item).flatMap(Int.init) else {
            throw EngineError(.corrupt, "a piece of hardware without a type")
        }
        switch OVFItems.Resource(rawValue: type) {
        case .processor: try takeProcessors(item)
        case .memory: try takeMemory(item)
        case .disk: try takeDisk(item)
        case .network: takeNIC(item)
        case .ide, .scsi, .otherStorage: break
        case nil:
            let name = field("ElementName", of: item) ?? "without a name"
            remarks.append("the hardware `\(name)` of the type \(type) is left out")
        }
    }

    private mutating func takeProcessors(_ item: MarkupElement) throws(EngineError) {
        guard let count = field("VirtualQuantity", of: item).flatMap(Int.init), (1...4096).contains(count) else {
            throw EngineError(.corrupt, "the number of processors cannot be read")
        }
        machine.processors = count
        machine.coresPerSocket = field("CoresPerSocket", of: item).flatMap(Int.init)
    }

    private mutating func takeMemory(_ item: MarkupElement) throws(EngineError) {
        let unit = field("AllocationUnits", of: item) ?? "byte * 2^20"
        guard let number = field("VirtualQuantity", of: item).flatMap(UInt64.init),
            let memory = Self.product(number, unit)
        else { throw EngineError(.corrupt, "the size of the memory cannot be read") }
        machine.memory = memory
    }

    private mutating func takeDisk(_ item: MarkupElement) throws(EngineError) {
        guard let resource = field("HostResource", of: item), let id = resource.split(separator: "/").last,
            var disk = disks[String(id)]
        else { throw EngineError(.corrupt, "a disk of the hardware is not in the section of disks") }
        if let parent = field("Parent", of: item) {
            guard let controller = controllers[parent] else {
                throw EngineError(.corrupt, "the disk `\(id)` is at the controller `\(parent)`, which is not there")
            }
            disk.controller = controller
        }
        disk.unit = field("AddressOnParent", of: item).flatMap(Int.init) ?? 0
        machine.disks.append(disk)
    }

    private mutating func takeNIC(_ item: MarkupElement) {
        let address = field("Address", of: item) ?? field("MACAddress", of: item)
        machine.nics.append(
            OVFMachine.NIC(
                network: field("Connection", of: item) ?? "", macAddress: address,
                model: field("ResourceSubType", of: item) ?? "E1000"))
    }

    private mutating func takeFirmware(_ hardware: MarkupElement) {
        for config in hardware.children("Config") {
            switch (config[attribute: "key"], config[attribute: "value"]) {
            case ("firmware", "efi"): machine.firmware = .uefi
            case ("bootOptions.efiSecureBootEnabled", "true"): machine.hasSecureBoot = true
            default: break
            }
        }
    }
}
