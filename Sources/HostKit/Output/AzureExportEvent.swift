import Azure
import Engine

/// The report of an export to Azure as the last event of `--json`.
struct AzureExportEvent: Encodable, Sendable {
    struct Disk: Encodable, Sendable {
        let disk: String
        let name: String
        let id: String
        /// Bytes, as are the four that follow.
        let size: UInt64
        let used: UInt64
        let sent: UInt64
        let resumed: UInt64
        let verified: UInt64
        let blob: String?

        init(_ disk: AzureExported.Disk) {
            self.disk = disk.label
            name = disk.name
            id = disk.id
            size = disk.size
            used = disk.used
            sent = disk.sent
            resumed = disk.resumed
            verified = disk.verified
            blob = disk.blob
        }
    }

    let event = "report"
    let restorePoint: RestorePointID
    let repository: String
    let machine: String?
    let isRunning: Bool
    let disks: [Disk]
    let run: String
    let remarks: [String]
    let seconds: Double

    init(_ exported: AzureExported, of point: FoundPoint) {
        restorePoint = point.id
        repository = point.repository
        machine = exported.machine
        isRunning = exported.isRunning
        disks = exported.disks.map(Disk.init)
        run = exported.run
        remarks = exported.remarks
        seconds = exported.seconds
    }

    private enum CodingKeys: CodingKey {
        case event, restorePoint, repository, machine, isRunning, disks, run, remarks, seconds
    }
}

/// What could not be removed, as the only event of `--discard --json`.
struct AzureDiscardEvent: Encodable, Sendable {
    let event = "discarded"
    /// Whole ids.
    let left: [String]

    init(_ left: [AzureJournal.Entry]) { self.left = left.map(\.id) }

    private enum CodingKeys: CodingKey {
        case event, left
    }
}
