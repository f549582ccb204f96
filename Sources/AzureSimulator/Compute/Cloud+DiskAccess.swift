/// Access to the bytes of managed disks.
extension Cloud {
    /// The longest time, in seconds: 60 days.
    private static let longest = 60 * 86_400

    func beginAccess(_ id: ResourceID, _ request: ManagementRequest) throws(AzureError) -> Answer {
        guard let disk = resources[id.key] else { throw try missing(id) }
        guard let access = request.body["access"].text else { throw .missingParameter("access") }
        guard ["Read", "Write"].contains(access) else {
            throw .invalidParameter("access", "The value '\(access)' of parameter 'access' is not Read or Write.")
        }
        guard let seconds = request.body["durationInSeconds"].number, (1...Self.longest).contains(seconds) else {
            throw .invalidParameter(
                "durationInSeconds",
                "The value of parameter 'durationInSeconds' is out of range. It must be in the range 1..\(Self.longest)."
            )
        }
        guard request.body["fileFormat"].text ?? "VHD" == "VHD" else {
            throw .invalidParameter("fileFormat", "The file format is not supported for this disk: VHD.")
        }
        try checkAccess(disk, access)
        let state = access == "Write" ? "ActiveUpload" : "ActiveSAS"
        var entry = entry(for: disk, isWrite: access == "Write", request)
        entry.expires = max(request.now.adding(Double(seconds)), entry.expires)
        return begin(
            .grant(entry, diskState: state), id, status: 202, request, result: ["accessSAS": .text(entry.url)])
    }

    private func checkAccess(_ disk: Resource, _ access: String) throws(AzureError) {
        let name = disk.id.name
        guard disk.isReady else {
            throw AzureError(409, "Conflict", "The disk \(name) is being changed: it is \(disk.state).")
        }
        guard disk.properties["networkAccessPolicy"].text != "DenyAll",
            disk.properties["publicNetworkAccess"].text != "Disabled"
        else { throw .notAllowed("Access to disk \(name) over the network is denied by its network access policy.") }
        let state = disk.properties["diskState"].text ?? ""
        if state == "Attached" {
            throw AzureError(
                409, "Conflict",
                "Access not permitted because disk \(name) is currently attached to running VM \(disk.owner ?? "").")
        }
        let allowed = access == "Write" ? ["ReadyToUpload", "ActiveUpload"] : ["Unattached", "Reserved", "ActiveSAS"]
        guard allowed.contains(state) else {
            throw .notAllowed("\(access) access is not permitted on disk \(name) in the state \(state).")
        }
    }

    /// The signature that is out as long as it is valid, else a new one.
    private func entry(for disk: Resource, isWrite: Bool, _ request: ManagementRequest) -> DiskGrants.Entry {
        if let old = grants.find(disk.account), old.isWrite == isWrite, old.expires > request.now { return old }
        var generator = SystemRandomNumberGenerator()
        let signature = Base64.encode((0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) })
        let id = Front.newID()
        let base =
            settings.diskEndpoint.map { $0.replacing("{account}", with: disk.account) }
            ?? "\(request.call.origin)/\(disk.account)"
        let escaped = signature.replacing("+", with: "%2B").replacing("/", with: "%2F").replacing("=", with: "%3D")
        return DiskGrants.Entry(
            account: disk.account, container: disk.container, id: id, signature: signature, isWrite: isWrite,
            needsToken: disk.properties["dataAccessAuthMode"].text == "AzureActiveDirectory",
            expires: Instant(seconds: 0),
            url: "\(base)/\(disk.container)/\(Store.diskBlob.text)?sv=2018-03-28&sr=b&si=\(id)&sig=\(escaped)")
    }

    /// Ends an upload, which checks what came, or a time of reading.
    func endAccess(_ id: ResourceID, _ request: ManagementRequest) async throws(AzureError) -> Answer {
        guard let disk = resources[id.key] else { throw try missing(id) }
        if let running = operations[disk.operation], running.ended == nil {
            guard case .revoke = running.effect else {
                throw AzureError(409, "Conflict", "The disk \(id.name) is being changed: it is \(disk.state).")
            }
            return accepted(running, status: 202, nil, request)
        }
        let entry = grants.find(disk.account)
        grants.remove(disk.account)
        let state = disk.properties["diskState"].text ?? ""
        guard state == "ActiveUpload" else {
            let next = state == "ActiveSAS" ? disk.owner == nil ? "Unattached" : "Reserved" : state
            return begin(.revoke(diskState: next), id, status: 202, request)
        }
        return begin(
            .revoke(diskState: "Unattached"), id, status: 202, request, failure: await uploadFailure(disk, entry))
    }

    private func uploadFailure(_ disk: Resource, _ entry: DiskGrants.Entry?) async -> AzureError? {
        let url = entry?.url.split(separator: "?").first.map(String.init) ?? disk.account
        do throws(AzureError) {
            guard let blob = await store.blob(disk.account, disk.container, Store.diskBlob) else {
                throw .notAllowed("The bytes of disk \(disk.id.name) are gone.")
            }
            let footer = try await Self.footer(of: blob)
            try VHDFooter.check(footer, length: blob.size, name: Store.diskBlob.text, url: url)
            return nil
        } catch {
            return error
        }
    }

    /// - Throws: when a virtual machine has it, or its bytes are in use.
    func checkUnusedDisk(_ disk: Resource, _ now: Instant) throws(AzureError) {
        if let owner = disk.owner {
            throw .notAllowed("Disk \(disk.id.name) is attached to VM \(owner).")
        }
        try checkNoAccess(disk, now)
    }

    func checkNoAccess(_ disk: Resource, _ now: Instant) throws(AzureError) {
        guard let entry = grants.find(disk.account), entry.expires > now else { return }
        throw .notAllowed(
            "There is an active shared access signature outstanding for disk \(disk.id.name). Call EndGetAccess before "
                + "attaching the disk or deleting it.")
    }
}
