import Azure

/// A plan as the last event of `--dry-run --json`.
struct AzurePlanEvent: Encodable, Sendable {
    struct Resource: Encodable, Sendable {
        let kind: String
        let name: String
        let id: String
        /// `create`, `use` or `continue`.
        let action: String
        let detail: String
    }

    struct Disk: Encodable, Sendable {
        let disk: String
        let name: String
        /// Bytes of the disk in Azure, and of its VHD.
        let size: UInt64
        let uploadSize: UInt64
        /// Nil for the disk that the VM starts from.
        let lun: Int?
        let blob: String?
    }

    let event = "plan"
    let vm: String
    let restorePoint: String
    let name: String
    let location: String
    let size: String?
    let generation: Int?
    let resources: [Resource]
    let disks: [Disk]
    let remarks: [String]

    init(_ plan: AzurePlan) {
        vm = plan.request.vmName
        restorePoint = plan.request.restorePoint
        name = plan.name
        location = plan.location
        size = plan.machineSize?.name
        generation = plan.generation.map { $0 == .first ? 1 : 2 }
        resources = plan.entries.map {
            Resource(kind: $0.kind.title, name: $0.name, id: $0.id, action: $0.action.rawValue, detail: $0.detail)
        }
        disks = plan.disks.map {
            Disk(
                disk: $0.label, name: $0.name, size: $0.size, uploadSize: $0.uploadSize, lun: $0.lun, blob: $0.blob)
        }
        remarks = plan.remarks
    }

    private enum CodingKeys: CodingKey {
        case event, vm, restorePoint, name, location, size, generation, resources, disks, remarks
    }
}
