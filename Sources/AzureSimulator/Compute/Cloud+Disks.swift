import NIOCore

/// Managed disks.
extension Cloud {
    /// Smallest and largest upload, in bytes with the footer.
    private static let uploadSizes = (20 << 20) + VHDFooter.size...(32 << 40) + VHDFooter.size

    func prepareDisk(_ disk: inout Resource, _ old: Resource?, _ request: ManagementRequest) async throws(AzureError) {
        let sku = try checkSKU(&disk)
        try checkTexts(disk)
        if let old {
            try keepContent(&disk, old)
            return
        }
        try checkQuota("Disks", adding: 1, in: disk.location)
        let data = disk.properties["creationData"]
        disk.account = "md-impexp-" + Self.random(12)
        disk.container = Self.random(12)
        switch data["createOption"].text {
        case nil: throw .missingParameter("creationData.createOption")
        case "Upload": try await makeUpload(&disk, data)
        case "Import": try await importBlob(&disk, data)
        case "Empty": try await makeEmpty(&disk)
        case let option?:
            throw .invalidParameter(
                "creationData.createOption",
                "The value '\(option)' of parameter 'creationData.createOption' is not supported: Upload, Import, Empty."
            )
        }
        describe(&disk, sku, request.now)
    }

    private func checkSKU(_ disk: inout Resource) throws(AzureError) -> DiskSKU {
        let name = disk.sku["name"].text ?? DiskSKU.standard.rawValue
        guard let sku = DiskSKU(rawValue: name) else {
            throw .invalidParameter(
                "sku.name",
                "The value '\(name)' of parameter 'sku.name' is not valid: "
                    + "\(DiskSKU.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        guard !sku.isZonal || disk.zones.values.isEmpty else {
            throw .invalidParameter("zones", "A disk of the SKU \(name) is in all zones and cannot be in one.")
        }
        disk.sku = ["name": .text(name), "tier": .text(sku.tier)]
        return sku
    }

    private func checkTexts(_ disk: Resource) throws(AzureError) {
        let allowed = [
            ("osType", ["Windows", "Linux"]), ("hyperVGeneration", ["V1", "V2"]),
            ("networkAccessPolicy", ["AllowAll", "AllowPrivate", "DenyAll"]),
            ("publicNetworkAccess", ["Enabled", "Disabled"]),
            ("dataAccessAuthMode", ["None", "AzureActiveDirectory"]),
        ]
        for (name, values) in allowed where !disk.properties[name].isNull {
            guard values.contains(disk.properties[name].text ?? "") else {
                throw .invalidParameter(
                    name, "The value of parameter '\(name)' is not one of \(values.joined(separator: ", ")).")
            }
        }
        guard let security = disk.properties["securityProfile", "securityType"].text else { return }
        guard security == "TrustedLaunch" else {
            throw .invalidParameter("securityProfile.securityType", "The security type '\(security)' is not supported.")
        }
        guard disk.properties["hyperVGeneration"].text == "V2", disk.properties["osType"].text != nil else {
            throw .invalidParameter(
                "securityProfile.securityType",
                "Security type TrustedLaunch is supported for OS disks of Hypervisor Generation 'V2' only.")
        }
    }

    /// A disk that is there keeps its bytes; only what describes it changes.
    private func keepContent(_ disk: inout Resource, _ old: Resource) throws(AzureError) {
        for name in ["creationData", "osType", "hyperVGeneration", "securityProfile"] {
            let wanted = disk.properties[name]
            let isSame =
                name == "creationData"
                ? wanted["createOption"] == old.properties[name, "createOption"]
                    && wanted["uploadSizeBytes"] == old.properties[name, "uploadSizeBytes"]
                : wanted == old.properties[name]
            guard wanted.isNull || isSame else { throw .unchangeable(name) }
        }
        guard disk.properties["diskSizeGB"].isNull || disk.properties["diskSizeGB"] == old.properties["diskSizeGB"]
        else {
            throw .unchangeable("diskSizeGB")
        }
        disk.properties = .object(old.properties.members.merging(disk.properties.members) { $1 })
    }

    private func makeUpload(_ disk: inout Resource, _ data: JSON) async throws(AzureError) {
        guard let size = data["uploadSizeBytes"].number else { throw .missingParameter("creationData.uploadSizeBytes") }
        guard disk.properties["diskSizeGB"].isNull else {
            throw .invalidParameter(
                "diskSizeGB", "Parameter 'diskSizeGB' is not allowed with the create option Upload.")
        }
        guard Self.uploadSizes.contains(size) else {
            throw .badRequest(
                "The upload size in bytes \(size) is out of range: it must be at least \(Self.uploadSizes.lowerBound) and at "
                    + "most \(Self.uploadSizes.upperBound).")
        }
        guard (size - VHDFooter.size).isMultiple(of: 1 << 20) else {
            throw .badRequest(
                "The upload size in bytes \(size) - 512 bytes for the VHD footer (\(size - VHDFooter.size) in this case) must "
                    + "be a multiple of MiB.")
        }
        await store.makeDisk(disk.account, disk.container, size: size)
        disk.properties["diskState"] = "ReadyToUpload"
        setSize(&disk, size - VHDFooter.size)
    }

    private func makeEmpty(_ disk: inout Resource) async throws(AzureError) {
        guard let size = disk.properties["diskSizeGB"].number, (1...32_767).contains(size) else {
            throw .invalidParameter("diskSizeGB", "The value of parameter 'diskSizeGB' must be in the range 1..32767.")
        }
        await store.makeDisk(disk.account, disk.container, size: size << 30 + VHDFooter.size)
        disk.properties["diskState"] = "Unattached"
        setSize(&disk, size << 30)
    }

    private func setSize(_ disk: inout Resource, _ bytes: Int) {
        disk.properties["diskSizeBytes"] = .number(bytes)
        disk.properties["diskSizeGB"] = .number((bytes + (1 << 30) - 1) >> 30)
    }

    private func describe(_ disk: inout Resource, _ sku: DiskSKU, _ now: Instant) {
        disk.properties["timeCreated"] = .text(now.isoDate)
        disk.properties["uniqueId"] = .text(Front.newID())
        disk.properties["encryption"] = ["type": "EncryptionAtRestWithPlatformKey"]
        disk.properties["diskIOPSReadWrite"] = .number(sku.tier == "Standard" ? 500 : 5000)
        disk.properties["diskMBpsReadWrite"] = .number(sku.tier == "Standard" ? 60 : 200)
        for (name, value) in [("networkAccessPolicy", "AllowAll"), ("publicNetworkAccess", "Enabled")]
        where disk.properties[name].isNull {
            disk.properties[name] = .text(value)
        }
    }

    static func random(_ count: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        return String((0..<count).map { _ in "0123456789bcdfghjklmnpqrstvwxz".randomElement(using: &generator) ?? "0" })
    }

    // MARK: Import

    private func importBlob(_ disk: inout Resource, _ data: JSON) async throws(AzureError) {
        guard let source = data["sourceUri"].text else { throw .missingParameter("creationData.sourceUri") }
        guard let (name, container, blob) = blobName(source),
            let account = accounts.first(where: { $0.name == name }), !source.contains("?")
        else {
            throw .invalidParameter("creationData.sourceUri", "The source '\(source)' is not the URI of a blob here.")
        }
        guard let owner = ResourceID(data["storageAccountId"].text), owner.kind == .storageAccount,
            owner.name == account.name
        else {
            throw .invalidParameter(
                "creationData.storageAccountId",
                "The value of parameter 'creationData.storageAccountId' is not the id of the storage account \(name).")
        }
        guard account.location == disk.location else {
            throw .badRequest(
                "Source blob \(source) is in the region \(account.location) and cannot be imported to \(disk.location)."
            )
        }
        guard let found = await store.blob(name, container, blob), found.isCommitted else {
            throw AzureError(404, "BlobNotFound", "The blob \(source) is not found.").about("creationData.sourceUri")
        }
        guard found.kind == .page else {
            throw .badRequest("Blob \(source) is not a page blob. Only page blobs can be imported.")
        }
        let footer = try await Self.footer(of: found)
        try VHDFooter.check(footer, length: found.size, name: blob.text, url: source)
        guard Self.uploadSizes.contains(found.size) else {
            throw .badRequest("The size of the blob \(source) in bytes \(found.size) is out of range.")
        }
        await store.copyDisk(disk.account, disk.container, from: found)
        disk.properties["diskState"] = "Unattached"
        setSize(&disk, found.size - VHDFooter.size)
    }

    /// Account, container and blob of a URI in either style.
    private func blobName(_ text: String) -> (String, String, BlobName)? {
        let pieces = text.split(separator: "/", maxSplits: 4, omittingEmptySubsequences: false).map(String.init)
        guard pieces.count == 5, ["http:", "https:"].contains(pieces[0]), pieces[1].isEmpty else { return nil }
        let label = pieces[2].split(separator: ".").first.map(String.init) ?? ""
        if accounts.contains(where: { $0.name == label }) {
            return Percent.decode(pieces[4]).map { (label, pieces[3], BlobName($0)) }
        }
        let rest = pieces[4].split(separator: "/", maxSplits: 1).map(String.init)
        guard rest.count == 2 else { return nil }
        return Percent.decode(rest[1]).map { (pieces[3], rest[0], BlobName($0)) }
    }

    /// The last 512 bytes of a page blob.
    static func footer(of blob: Blob) async throws(AzureError) -> [UInt8] {
        let slices = blob.content.read(max(0, blob.size - VHDFooter.size)..<blob.size)
        var bytes: [UInt8] = []
        for slice in slices {
            do {
                bytes += Array(buffer: try await slice.load())
            } catch {
                throw AzureError(500, "InternalError", "The bytes of a disk cannot be read: \(error)")
            }
        }
        return bytes
    }
}
