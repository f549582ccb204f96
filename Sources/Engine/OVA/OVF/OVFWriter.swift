/// Writes the description of a VM: DSP0243 1.1 with the words that VMware and VirtualBox look for.
struct OVFWriter {
    /// A file that a disk is in.
    struct File: Equatable {
        let name: String
        /// Bytes.
        let size: UInt64
    }

    let machine: OVFMachine
    let files: [File]

    private static let namespaces = [
        ("xmlns", "http://schemas.dmtf.org/ovf/envelope/1"), ("xmlns:ovf", "http://schemas.dmtf.org/ovf/envelope/1"),
        ("xmlns:rasd", "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"),
        ("xmlns:vmw", "http://www.vmware.com/schema/ovf"),
        ("xmlns:vssd", "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData"),
        ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
    ]
    /// ESXi 6.5 and later: the first with secure boot, and refused by nobody.
    private static let hardware = "vmx-13"

    /// - Throws: `.configuration` for a machine that cannot be described.
    func text() throws(EngineError) -> String {
        try check()
        var xml = XMLWriter()
        try xml.element("Envelope", Self.namespaces) { xml throws(EngineError) in
            try writeReferences(&xml)
            try writeDisks(&xml)
            try writeNetworks(&xml)
            try xml.element("VirtualSystem", [("ovf:id", machine.name)]) { xml throws(EngineError) in
                xml.element("Info", text: "A virtual machine")
                xml.element("Name", text: machine.name)
                try writeSystem(&xml)
                try writeHardware(&xml)
            }
        }
        return xml.text
    }

    private func check() throws(EngineError) {
        var used: Set<[Int]> = []
        for disk in machine.disks {
            guard let index = disk.controller else { continue }
            guard machine.controllers.indices.contains(index), disk.unit >= 0,
                used.insert([index, disk.unit]).inserted, machine.controllers[index].kind != .scsi || disk.unit != 7
            else {
                throw EngineError(
                    .configuration, "\(machine.name): a disk cannot be at place \(disk.unit) of controller \(index)")
            }
        }
        for disk in machine.disks {
            guard let file = disk.file else { continue }
            guard files.contains(where: { $0.name == file }) else {
                throw EngineError(.bug, "the OVF of \(machine.name) lacks the file \(file)")
            }
        }
    }

    // MARK: Sections

    private func writeReferences(_ xml: inout XMLWriter) throws(EngineError) {
        try xml.element("References") { xml throws(EngineError) in
            for (index, file) in files.enumerated() {
                xml.element(
                    "File", [("ovf:href", file.name), ("ovf:id", "file\(index + 1)"), ("ovf:size", "\(file.size)")])
            }
        }
    }

    private func writeDisks(_ xml: inout XMLWriter) throws(EngineError) {
        try xml.element("DiskSection") { xml throws(EngineError) in
            xml.element("Info", text: "Virtual disks")
            for (index, disk) in machine.disks.enumerated() {
                var attributes = [
                    ("ovf:capacity", "\(disk.capacity)"), ("ovf:capacityAllocationUnits", "byte"),
                    ("ovf:diskId", "vmdisk\(index + 1)"),
                ]
                if let file = files.firstIndex(where: { $0.name == disk.file }) {
                    attributes += [("ovf:fileRef", "file\(file + 1)"), ("ovf:format", disk.format)]
                }
                xml.element("Disk", attributes)
            }
        }
    }

    private func writeNetworks(_ xml: inout XMLWriter) throws(EngineError) {
        var names: [String] = []
        for nic in machine.nics where !names.contains(nic.network) { names.append(nic.network) }
        guard !names.isEmpty else { return }
        try xml.element("NetworkSection") { xml throws(EngineError) in
            xml.element("Info", text: "Networks")
            for name in names {
                try xml.element("Network", [("ovf:name", name)]) { xml throws(EngineError) in
                    xml.element("Description", text: "The network \(name)")
                }
            }
        }
    }

    private func writeSystem(_ xml: inout XMLWriter) throws(EngineError) {
        // 101 and 80 are Linux of 64 bits and Windows in the enumeration of CIM_OperatingSystem, 1 is another one.
        let type = machine.operatingSystemType ?? "otherGuest64"
        let description = machine.operatingSystem ?? "Unknown"
        let words = (type + description).lowercased()
        let id = words.contains("windows") ? "80" : words.contains("linux") ? "101" : "1"
        try xml.element("OperatingSystemSection", [("ovf:id", id), ("vmw:osType", type)]) { xml throws(EngineError) in
            xml.element("Info", text: "The guest operating system")
            xml.element("Description", text: description)
        }
    }

    private func writeHardware(_ xml: inout XMLWriter) throws(EngineError) {
        try xml.element("VirtualHardwareSection") { xml throws(EngineError) in
            xml.element("Info", text: "Virtual hardware")
            try xml.element("System") { xml throws(EngineError) in
                xml.element("vssd:ElementName", text: "Virtual Hardware Family")
                xml.element("vssd:InstanceID", text: "0")
                xml.element("vssd:VirtualSystemIdentifier", text: machine.name)
                xml.element("vssd:VirtualSystemType", text: Self.hardware)
            }
            for item in OVFItems(machine).all {
                try xml.element("Item") { xml throws(EngineError) in
                    for (name, value) in item.fields.sorted(by: { $0.key < $1.key }) {
                        xml.element("rasd:" + name, text: value)
                    }
                    if let cores = item.coresPerSocket {
                        xml.element("vmw:CoresPerSocket", [("ovf:required", "false")], text: "\(cores)")
                    }
                }
            }
            writeFirmware(&xml)
        }
    }

    private func writeFirmware(_ xml: inout XMLWriter) {
        func write(_ key: String, _ value: String) {
            xml.element("vmw:Config", [("ovf:required", "false"), ("vmw:key", key), ("vmw:value", value)])
        }
        guard machine.firmware == .uefi else { return }
        write("firmware", "efi")
        if machine.hasSecureBoot { write("bootOptions.efiSecureBootEnabled", "true") }
    }
}
