/// Where the first content of a new disk comes from.
enum DiskOrigin: Sendable {
    case empty(size: Int)
    /// The content of another disk, maybe grown.
    case copy(of: String, size: Int)
    /// The very file of another disk, which therefore must not be written.
    case link(to: String, size: Int)
}

/// What a new disk is to be: content, place and container.
struct DiskPlan: Sendable {
    var id = Identity.random()
    var origin: DiskOrigin
    var container: String
    var isFromVolumeGroup = false

    var isLinked: Bool {
        if case .link = origin { true } else { false }
    }

    var size: Int {
        switch origin {
        case .empty(let size), .copy(_, let size), .link(_, let size): size
        }
    }
}

extension World {
    /// Plans the disk that a `VmDisk` of a request describes.
    ///
    /// - Throws: `APIError` when the source does not exist or the sizes make no sense.
    func plan(_ backing: JSONValue, cluster: String, path: String) throws(APIError) -> DiskPlan {
        let wanted = backing["diskSizeBytes"]?.int
        if let wanted, wanted % 512 != 0 { throw .body("\(path)/diskSizeBytes", "is no whole number of sectors") }
        let container = try planContainer(backing.at("storageContainer.extId")?.string, cluster: cluster, path: path)
        guard let reference = backing.at("dataSource.reference") else {
            guard let wanted, wanted > 0 else { throw .body("\(path)/diskSizeBytes", "is missing") }
            return DiskPlan(origin: .empty(size: wanted), container: container)
        }
        let type = reference["$objectType"]?.string ?? ""
        let source: DiskSource
        switch type.split(separator: ".").last {
        case "ImageReference":
            let image = try find(.image, reference["imageExtId"]?.string ?? "")
            let size = image.body["sizeBytes"]?.int ?? 0
            return DiskPlan(origin: .empty(size: max(size, wanted ?? 0)), container: container)
        case "VolumeDiskReference": source = try volumeDisk(reference)
        case "VmDiskRecoveryPointReference", "VolumeDiskRecoveryPointReference":
            source = try diskRecoveryPoint(reference["diskRecoveryPointExtId"]?.string ?? "")
        default: source = try machineDisk(reference)
        }
        if source.cluster != cluster { throw .invalid("The source of the disk is on another cluster.") }
        if let wanted, wanted < source.size { throw .body("\(path)/diskSizeBytes", "is smaller than the source") }
        return DiskPlan(
            origin: .copy(of: source.id, size: wanted ?? source.size), container: container,
            isFromVolumeGroup: type.hasSuffix(".VolumeDiskReference"))
    }

    private func planContainer(_ id: String?, cluster: String, path: String) throws(APIError) -> String {
        if let id {
            let container = try find(.container, id)
            if container.body["clusterExtId"]?.string != cluster {
                throw .invalid("The storage container is on another cluster.")
            }
            return id
        }
        let first = all(.container).first {
            $0.body["clusterExtId"]?.string == cluster && $0.body["isInternal"]?.bool != true
        }
        guard let first else { throw .body("\(path)/storageContainer", "is missing") }
        return first.id
    }

    /// A disk that something else may be cloned from.
    struct DiskSource: Sendable {
        var id: String
        var size: Int
        var cluster: String
        var container: String
    }

    /// The disk of a VM, by its id or by VM and address.
    func machineDisk(_ reference: JSONValue) throws(APIError) -> DiskSource {
        let id = reference["diskExtId"]?.string
        for vm in all(.vm) {
            for disk in vm.body["disks"]?.elements ?? [] {
                guard let own = disk.at("backingInfo.diskExtId")?.string else { continue }
                let isAtAddress =
                    vm.id == reference.at("vmReference.extId")?.string
                    && disk.at("diskAddress.busType") == reference.at("diskAddress.busType")
                    && disk.at("diskAddress.index") == reference.at("diskAddress.index")
                guard own == id || (id == nil && isAtAddress) else { continue }
                return DiskSource(
                    id: own, size: disk.at("backingInfo.diskSizeBytes")?.int ?? 0, cluster: vm.clusters.first ?? "",
                    container: disk.at("backingInfo.storageContainer.extId")?.string ?? "")
            }
        }
        throw .notFound("VM disk", id ?? "")
    }

    /// The disk of a volume group, by its id.
    func volumeDisk(_ reference: JSONValue) throws(APIError) -> DiskSource {
        let id = reference["diskExtId"]?.string ?? reference["extId"]?.string ?? ""
        for group in all(.volumeGroup) {
            if let wanted = reference["volumeGroupExtId"]?.string, wanted != group.id { continue }
            guard let disk = group.volumeDisks.first(where: { $0["extId"]?.string == id }) else { continue }
            return DiskSource(
                id: id, size: disk["diskSizeBytes"]?.int ?? 0, cluster: group.clusters.first ?? "",
                container: disk["storageContainerId"]?.string ?? "")
        }
        throw .notFound("volume disk", id)
    }

    /// The frozen disk of a recovery point, by its id.
    func diskRecoveryPoint(_ id: String) throws(APIError) -> DiskSource {
        for point in all(.recoveryPoint) {
            guard let disk = point.hidden["disks"]?[id] else { continue }
            return DiskSource(
                id: id, size: disk["size"]?.int ?? 0, cluster: point.hidden["cluster"]?.string ?? "",
                container: disk["container"]?.string ?? "")
        }
        throw .notFound("disk recovery point", id)
    }

    /// Makes the file of a planned disk.
    func make(_ plan: DiskPlan) async throws {
        switch plan.origin {
        case .empty(let size): try await disks.create(plan.id, size: size)
        case .copy(let source, let size): try await disks.create(plan.id, from: disks.path(source), size: size)
        case .link(let source, _): try await disks.link(plan.id, to: source)
        }
    }

    /// The `VmDisk` that shows a planned disk.
    func backing(_ plan: DiskPlan, from request: JSONValue) -> JSONValue {
        var backing: JSONValue = [
            "$objectType": "vmm.v4.ahv.config.VmDisk", "diskExtId": .string(plan.id),
            "diskSizeBytes": .int(plan.size), "storageContainer": ["extId": .string(plan.container)],
            "storageConfig": ["isFlashModeEnabled": false], "isMigrationInProgress": false,
        ]
        backing["dataSource"] = request["dataSource"]
        if plan.isFromVolumeGroup && settings.hydrationReads > 0 {
            backing["vmDiskHydrationInfo"] = [
                "diskHydrationStatus": "IN_PROGRESS", "diskHydrationRemainingBytes": .int(plan.size),
            ]
        }
        return backing
    }
}
