extension LabDescription {
    /// - Throws: when a name refers to nothing, or two things share an id.
    func check() throws(LabError) {
        if users.isEmpty { throw LabError(place: "lab.users", reason: "at least one user is needed") }
        for subnet in subnets { try checkCluster(subnet.cluster, "subnet \(subnet.name)") }
        for image in images { try checkCluster(image.cluster, "image \(image.name)") }
        var seen: Set<String> = []
        for vm in machines {
            let place = "vm \(vm.name)"
            if !seen.insert(vm.extId).inserted {
                throw LabError(place: place, reason: "has the id of another VM; give it an extId of its own")
            }
            try checkCluster(vm.cluster, place)
            for nic in vm.nics where !subnets.contains(where: { $0.name == nic.subnet && $0.cluster == vm.cluster }) {
                throw LabError(place: place, reason: "there is no subnet \(nic.subnet) on cluster \(vm.cluster)")
            }
            for category in vm.categories where !categories.contains(where: { "\($0.key):\($0.value)" == category }) {
                throw LabError(place: place, reason: "there is no category \(category)")
            }
            for disk in vm.disks where (disk.size ?? 0) % 512 != 0 {
                throw LabError(place: place, reason: "a disk of \(disk.size ?? 0) bytes is no whole number of sectors")
            }
            for disk in vm.disks where disk.size == nil && disk.image == nil {
                throw LabError(place: place, reason: "a disk needs a size or an image")
            }
        }
    }

    private func checkCluster(_ name: String, _ place: String) throws(LabError) {
        if !clusters.contains(where: { $0.name == name }) {
            throw LabError(place: place, reason: "there is no cluster \(name)")
        }
    }

    /// The same lab on another block of loopback addresses: the first three numbers of each are replaced.
    ///
    /// Several simulators run side by side that way, all of them on the standard ports.
    ///
    /// - Parameter block: such as `127.5.6`.
    package func moved(to block: String) -> LabDescription {
        func move(_ address: String) -> String {
            guard address.hasPrefix("127."), let last = address.split(separator: ".").last else { return address }
            return "\(block).\(last)"
        }
        var lab = self
        lab.central.address = move(central.address)
        for index in lab.clusters.indices {
            lab.clusters[index].address = move(lab.clusters[index].address)
            lab.clusters[index].dataServices = lab.clusters[index].dataServices.map(move)
            lab.clusters[index].controllerVM = move(lab.clusters[index].controllerVM)
        }
        return lab
    }

    /// The same lab with the Prism Central elsewhere.
    ///
    /// - Parameter endpoint: `address:port` or an address alone.
    /// - Throws: `LabError` when it is neither.
    package func withCentral(at endpoint: String) throws(LabError) -> LabDescription {
        var lab = self
        let parts = endpoint.split(separator: ":")
        lab.central.address = parts.first.map(String.init) ?? ""
        if parts.count == 2, let port = Int(parts[1]), (0...65535).contains(port) {
            lab.central.port = port
        } else if parts.count != 1 {
            throw LabError(place: "Prism Central", reason: "\(endpoint) is not an address with a port")
        }
        return lab
    }
}
