/// Virtual machines of disks that are there already.
extension Cloud {
    /// Checks everything that a machine names, and completes what it leaves out.
    func prepareMachine(_ machine: inout Resource, _ old: Resource?, _ request: ManagementRequest) throws(AzureError) {
        let size = try checkSize(machine, old)
        guard machine.properties["osProfile"].isNull else {
            throw .invalidParameter(
                "osProfile", "Parameter 'osProfile' is not allowed: the OS disk is attached with its own.")
        }
        let storage = machine.properties["storageProfile"]
        guard storage["imageReference"].isNull else {
            throw .invalidParameter(
                "imageReference", "Parameter 'imageReference' is not allowed with an attached OS disk.")
        }
        let osDisk = try checkOSDisk(machine, storage["osDisk"], old, size, request)
        let dataDisks = try checkDataDisks(machine, storage["dataDisks"], size, request)
        guard Set(([osDisk] + dataDisks).map(\.id.key)).count == dataDisks.count + 1 else {
            throw .invalidParameter("dataDisks", "A disk cannot be attached twice.")
        }
        try checkController(storage["diskControllerType"].text, [osDisk] + dataDisks, size)
        try checkSecurity(machine, osDisk)
        try checkInterfaces(machine, size, request)
        if old == nil {
            try checkQuota("virtualMachines", adding: 1, in: machine.location)
            machine.properties["vmId"] = .text(Front.newID())
            machine.properties["timeCreated"] = .text(request.now.isoDate)
            machine.power = "running"
        } else {
            machine.properties["vmId"] = old?.properties["vmId"] ?? .null
        }
        machine.properties["storageProfile"] = completed(storage, osDisk)
        machine.properties["hardwareProfile"] = ["vmSize": .text(size.name)]
        if let old { detach(old) }
    }

    private func completed(_ storage: JSON, _ osDisk: Resource) -> JSON {
        var storage = storage
        var entry = storage["osDisk"]
        entry["osType"] = entry["osType"].isNull ? osDisk.properties["osType"] : entry["osType"]
        entry["name"] = .text(osDisk.id.name)
        entry["diskSizeGB"] = osDisk.properties["diskSizeGB"]
        storage["osDisk"] = entry
        storage["dataDisks"] = .array(
            storage["dataDisks"].values.map { disk in
                var disk = disk
                let found = ResourceID(disk["managedDisk", "id"].text).flatMap { resources[$0.key] }
                disk["name"] = found.map { .text($0.id.name) } ?? .null
                disk["diskSizeGB"] = found?.properties["diskSizeGB"] ?? .null
                return disk
            })
        return storage
    }

    private func checkSize(_ machine: Resource, _ old: Resource?) throws(AzureError) -> VMSize {
        guard let name = machine.properties["hardwareProfile", "vmSize"].text else { throw .missingParameter("vmSize") }
        let region = try region(machine.location, for: .virtualMachine)
        guard let size = size(name) else {
            let valid = VMSize.catalog.filter { $0.isIn(region) }.map(\.name).joined(separator: ",")
            throw .invalidParameter(
                "vmSize",
                "The value \(name) provided for the VM size is not valid. The valid sizes in the current region are: "
                    + "\(valid).")
        }
        guard size.isIn(region) else {
            throw AzureError(
                409, "SkuNotAvailable",
                "The requested VM size for resource 'Following SKUs have failed for Capacity Restrictions: \(size.name)' is "
                    + "currently not available in location '\(region.name)'. Please try another size or deploy to a "
                    + "different location or different zone. See https://aka.ms/azureskunotavailable for details."
            ).about("vmSize")
        }
        let before = old.flatMap { self.size($0.properties["hardwareProfile", "vmSize"].text ?? "") }?.cores ?? 0
        try checkQuota("cores", adding: size.cores - before, in: machine.location)
        try checkQuota(size.family, adding: size.cores - before, in: machine.location)
        return size
    }

    // MARK: Disks

    private func checkOSDisk(
        _ machine: Resource, _ entry: JSON, _ old: Resource?, _ size: VMSize, _ request: ManagementRequest
    ) throws(AzureError) -> Resource {
        guard entry["createOption"].text == "Attach" else {
            throw .invalidParameter(
                "osDisk.createOption", "The value of parameter 'osDisk.createOption' is not supported here: Attach.")
        }
        let disk = try disk(entry, machine, old, "osDisk", request)
        if let old, ResourceID(old.properties["storageProfile", "osDisk", "managedDisk", "id"].text)?.key != disk.id.key
        {
            throw .unchangeable("osDisk.managedDisk.id")
        }
        guard let type = entry["osType"].text ?? disk.properties["osType"].text else {
            throw .missingParameter("osDisk.osType")
        }
        if let own = disk.properties["osType"].text, own != type {
            throw .invalidParameter("osDisk.osType", "The osType '\(type)' is not that of the disk, '\(own)'.")
        }
        guard DiskSKU(rawValue: disk.sku["name"].text ?? "")?.boots == true else {
            throw .invalidParameter(
                "osDisk.managedDisk.storageAccountType",
                "Storage account type '\(disk.sku["name"].text ?? "")' is not supported for OS disks.")
        }
        guard disk.properties["diskSizeGB"].number ?? 0 <= 4095 else {
            throw .invalidParameter(
                "osDisk", "The disk \(disk.id.name) is larger than 4095 GB, the largest size of an OS disk.")
        }
        let generation = disk.properties["hyperVGeneration"].text ?? "V1"
        guard size.generations.contains(generation) else {
            throw .badRequest(
                "The selected VM size '\(size.name)' cannot boot Hypervisor Generation '\(generation.dropFirst())'. If this was "
                    + "a Create operation please check that the Hypervisor Generation of the Image matches the Hypervisor "
                    + "Generation of the selected VM Size.")
        }
        try checkPremium(disk, size)
        return disk
    }

    private func checkDataDisks(
        _ machine: Resource, _ list: JSON, _ size: VMSize, _ request: ManagementRequest
    ) throws(AzureError) -> [Resource] {
        guard list.values.count <= size.dataDisks else {
            throw AzureError(
                409, "OperationNotAllowed",
                "The maximum number of data disks allowed to be attached to a VM of this size is \(size.dataDisks)."
            ).about("dataDisks")
        }
        var disks: [Resource] = []
        var seen: Set<Int> = []
        for entry in list.values {
            guard entry["createOption"].text == "Attach" else {
                throw .invalidParameter(
                    "dataDisks.createOption",
                    "The value of parameter 'dataDisks.createOption' is not supported here: Attach.")
            }
            guard let lun = entry["lun"].number else { throw .missingParameter("dataDisks.lun") }
            guard (0...63).contains(lun) else {
                throw .invalidParameter(
                    "dataDisks.lun",
                    "The value '\(lun)' of parameter 'dataDisks.lun' is out of range. Value must be in the range 0..63."
                )
            }
            guard seen.insert(lun).inserted else {
                throw .invalidParameter("dataDisks.lun", "A disk at LUN \(lun) already exists.")
            }
            let disk = try disk(entry, machine, resources[machine.id.key], "dataDisks", request)
            try checkPremium(disk, size)
            disks.append(disk)
        }
        return disks
    }

    /// The disk that an entry names, if it can be attached.
    private func disk(
        _ entry: JSON, _ machine: Resource, _ old: Resource?, _ place: String, _ request: ManagementRequest
    ) throws(AzureError) -> Resource {
        guard let text = entry["managedDisk", "id"].text else { throw .missingParameter("\(place).managedDisk.id") }
        guard let id = ResourceID(text), id.kind == .disk, let disk = resources[id.key] else {
            throw AzureError(404, "NotFound", "Disk \(text) is not found.").about("\(place).managedDisk.id")
        }
        try request.requireLinked("Microsoft.Compute/disks/write", id)
        if let owner = disk.owner, owner.lowercased() != machine.id.key {
            throw AzureError(
                409, "ConflictingUserInput",
                "Disk '\(disk.id.text)' cannot be attached as the disk is already owned by VM '\(owner)'."
            ).about("\(place).managedDisk.id")
        }
        guard disk.isReady else {
            throw AzureError(409, "Conflict", "The disk \(disk.id.name) is being changed: it is \(disk.state).")
        }
        try checkNoAccess(disk, request.now)
        let state = disk.properties["diskState"].text ?? ""
        guard ["Unattached", "Reserved", "Attached"].contains(state) else {
            throw .notAllowed(
                "Disk '\(disk.id.name)' is in the state \(state) and cannot be attached until its upload has ended.")
        }
        guard disk.location == machine.location else {
            throw .badRequest(
                "Disk \(disk.id.name) is in the location \(disk.location), the VM in \(machine.location): both must be the "
                    + "same.")
        }
        let isZonal = DiskSKU(rawValue: disk.sku["name"].text ?? "")?.isZonal == true
        guard isZonal || disk.zones.values == machine.zones.values else {
            throw .badRequest(
                "Disk \(disk.id.name) cannot be attached to the VM because it is not in the same zone as the VM.")
        }
        return disk
    }

    private func checkPremium(_ disk: Resource, _ size: VMSize) throws(AzureError) {
        let name = disk.sku["name"].text ?? ""
        guard DiskSKU(rawValue: name)?.isPremium == true, !size.takesPremium else { return }
        throw .invalidParameter(
            "managedDisk.storageAccountType",
            "Requested operation cannot be performed because the VM size \(size.name) does not support the storage account "
                + "type \(name) of disk '\(disk.id.name)'.")
    }

    private func checkController(_ wanted: String?, _ disks: [Resource], _ size: VMSize) throws(AzureError) {
        let kind = wanted ?? (size.isNVMe ? "NVMe" : "SCSI")
        guard kind == (size.isNVMe ? "NVMe" : "SCSI") else {
            throw .invalidParameter(
                "storageProfile.diskControllerType",
                "The disk controller type '\(kind)' is not supported by the VM size \(size.name).")
        }
        guard size.isNVMe, let disk = disks.first else { return }
        let supported = disk.properties["supportedCapabilities", "diskControllerTypes"].text ?? "SCSI"
        guard supported.contains("NVMe") else {
            throw .invalidParameter(
                "storageProfile.diskControllerType",
                "The VM size \(size.name) needs the disk controller type NVMe, which the OS disk \(disk.id.name) does not "
                    + "support.")
        }
    }

    private func checkSecurity(_ machine: Resource, _ osDisk: Resource) throws(AzureError) {
        let wanted = machine.properties["securityProfile", "securityType"].text ?? "Standard"
        guard ["Standard", "TrustedLaunch"].contains(wanted) else {
            throw .invalidParameter("securityProfile.securityType", "The security type '\(wanted)' is not supported.")
        }
        let own = osDisk.properties["securityProfile", "securityType"].text ?? "Standard"
        guard wanted == own else {
            throw .badRequest(
                "Security type of VM is not compatible with the security type of attached OS Disk: the VM is '\(wanted)', the "
                    + "disk '\(own)'.")
        }
        guard wanted == "TrustedLaunch" || machine.properties["securityProfile", "uefiSettings"].isNull else {
            throw .invalidParameter(
                "securityProfile.uefiSettings",
                "UEFI settings are not supported without the security type TrustedLaunch.")
        }
    }
}
