/// The network interfaces and the running of virtual machines.
extension Cloud {
    func checkInterfaces(_ machine: Resource, _ size: VMSize, _ request: ManagementRequest) throws(AzureError) {
        let list = machine.properties["networkProfile", "networkInterfaces"].values
        guard !list.isEmpty else { throw .missingParameter("networkProfile.networkInterfaces") }
        guard list.count <= size.interfaces else {
            throw .badRequest(
                "The number of network interfaces for virtual machine \(machine.id.name) exceeds the maximum allowed for the "
                    + "virtual machine size \(size.name): \(size.interfaces).")
        }
        let primary = list.count { $0["properties", "primary"].flag == true }
        guard primary == 1 || (primary == 0 && list.count == 1) else {
            throw AzureError(
                400, "VirtualMachineMustHaveOneNetworkInterfaceAsPrimary",
                "Virtual machine \(machine.id.name) must have one network interface set as the primary.")
        }
        for entry in list { try check(entry, machine, size, request) }
    }

    private func check(
        _ entry: JSON, _ machine: Resource, _ size: VMSize, _ request: ManagementRequest
    ) throws(AzureError) {
        guard let id = ResourceID(entry["id"].text), id.kind == .networkInterface, let interface = resources[id.key]
        else {
            throw AzureError(404, "NotFound", "Resource \(entry["id"].text ?? "") is not found.")
                .about("networkProfile.networkInterfaces.id")
        }
        try request.requireLinked("Microsoft.Network/networkInterfaces/join/action", id)
        if let owner = interface.owner, owner.lowercased() != machine.id.key {
            throw AzureError(
                400, "NicInUse", "Network Interface \(id.text) is used by existing resource \(owner).")
        }
        guard interface.isReady else {
            throw AzureError(
                409, "ReferencedResourceNotProvisioned",
                "Cannot proceed with operation because resource \(id.text) used by resource \(machine.id.text) is not in "
                    + "Succeeded state. Resource is in \(interface.state) state.")
        }
        guard interface.location == machine.location else { throw .invalidReference(id.text, by: machine.id) }
        guard interface.properties["enableAcceleratedNetworking"].flag != true || size.takesAcceleration else {
            throw AzureError(
                400, "VMSizeIsNotPermittedToEnableAcceleratedNetworking",
                "Accelerated networking of \(id.name) is not supported by the VM size \(size.name).")
        }
    }

    // MARK: What belongs to a machine

    private func disks(of machine: Resource) -> [(id: ResourceID, option: String)] {
        let storage = machine.properties["storageProfile"]
        return ([storage["osDisk"]] + storage["dataDisks"].values).compactMap { entry in
            ResourceID(entry["managedDisk", "id"].text).map { ($0, entry["deleteOption"].text ?? "Detach") }
        }
    }

    private func interfaces(of machine: Resource) -> [(id: ResourceID, option: String)] {
        machine.properties["networkProfile", "networkInterfaces"].values.compactMap { entry in
            ResourceID(entry["id"].text).map { ($0, entry["properties", "deleteOption"].text ?? "Detach") }
        }
    }

    func attach(_ machine: Resource) {
        for (id, _) in disks(of: machine) {
            resources[id.key]?.owner = machine.id.text
            resources[id.key]?.properties["diskState"] = machine.power == "deallocated" ? "Reserved" : "Attached"
        }
        for (id, _) in interfaces(of: machine) {
            resources[id.key]?.owner = machine.id.text
            resources[id.key]?.properties["virtualMachine"] = ["id": .text(machine.id.text)]
            resources[id.key]?.properties["macAddress"] = "00-0D-3A-\(Self.random(2).uppercased())-00-01"
        }
    }

    /// Frees what a machine has; what it is to take along when it goes, goes when it is gone.
    func detach(_ machine: Resource) {
        let isGone = resources[machine.id.key] == nil
        for (id, option) in disks(of: machine) {
            resources[id.key]?.owner = nil
            resources[id.key]?.properties["diskState"] = "Unattached"
            if isGone && option == "Delete" { remove(id.key) }
        }
        for (id, option) in interfaces(of: machine) {
            resources[id.key]?.owner = nil
            resources[id.key]?.properties["virtualMachine"] = .null
            if isGone && option == "Delete" { remove(id.key) }
        }
    }

    // MARK: Power

    func power(_ action: String, _ id: ResourceID, _ request: ManagementRequest) throws(AzureError) -> Answer {
        guard let machine = resources[id.key] else { throw try missing(id) }
        guard let state = ["start": "running", "poweroff": "stopped", "deallocate": "deallocated"][action] else {
            throw .noSuchPath(request.call.rawPath)
        }
        if let running = operations[machine.operation], running.ended == nil {
            throw AzureError(409, "Conflict", "Another operation is running on \(id.text).")
        }
        guard machine.isReady else {
            throw .notAllowed("The VM \(id.name) failed to be made and cannot be \(state).")
        }
        return begin(.power(state), id, status: 202, request)
    }

    func setPower(_ key: String, _ state: String) {
        resources[key]?.power = state
        guard let machine = resources[key] else { return }
        for (id, _) in disks(of: machine) {
            resources[id.key]?.properties["diskState"] = state == "deallocated" ? "Reserved" : "Attached"
        }
    }

    func instanceView(_ id: ResourceID) -> JSON {
        guard let machine = resources[id.key] else { return .null }
        let provisioning: JSON = [
            "code": .text("ProvisioningState/\(machine.state.lowercased())"),
            "level": machine.state == "Failed" ? "Error" : "Info",
            "displayStatus": .text("Provisioning \(machine.state)"),
        ]
        let power: JSON = [
            "code": .text("PowerState/\(machine.power)"), "level": "Info",
            "displayStatus": .text("VM \(machine.power)"),
        ]
        let generation = disks(of: machine).first.flatMap { resources[$0.id.key] }?.properties["hyperVGeneration"]
        return [
            "hyperVGeneration": generation ?? "V1",
            "statuses": machine.isReady ? [provisioning, power] : [provisioning],
        ]
    }
}
