import Engine

/// The report of a backup as the last event of `--json`.
struct BackupReportEvent: Encodable, Sendable {
    struct Machine: Encodable, Sendable {
        let id: String
        let name: String
        let restorePoint: RestorePointID?
        let error: String?
        let errorKind: String?
        /// Whether less than what was asked for was reached.
        let isDegraded: Bool
        let consistency: Manifest.ConsistencyRecord?
        let disks: [Disk]
        let skipped: [String]
        let warnings: [String]
        let statistics: Manifest.Statistics?
    }

    struct Disk: Encodable, Sendable {
        let id: String
        let address: String
        let isIncremental: Bool
        let fallback: String?
        let statistics: Manifest.Statistics
    }

    let event = "report"
    let machines: [Machine]
    /// Bytes of objects written.
    let written: StorageTotals
    let times: StageTimes
    let seconds: Double
    /// Restore points that the job's rule gave up.
    let deleted: [DeletedPoint]

    init(_ report: BackupReport, deleted: [FoundPoint]) {
        machines = report.machines.map(Machine.init)
        written = report.totals
        times = report.times
        seconds = report.seconds
        self.deleted = deleted.map { DeletedPoint(id: $0.id, vm: $0.vm.name, repository: $0.repository) }
    }

    private enum CodingKeys: CodingKey {
        case event, machines, written, times, seconds, deleted
    }
}

extension BackupReportEvent.Machine {
    init(_ machine: BackupReport.Machine) {
        let manifest = try? machine.result.get()
        id = machine.vm.id
        name = machine.vm.name
        restorePoint = manifest?.id
        if case .failure(let failure) = machine.result {
            error = failure.description
            errorKind = failure.kind.rawValue
        } else {
            error = nil
            errorKind = nil
        }
        isDegraded = manifest?.isDegraded ?? false
        consistency = manifest?.consistency
        disks = manifest?.disks.map(BackupReportEvent.Disk.init) ?? []
        skipped = manifest?.skipped ?? []
        warnings = manifest?.warnings ?? []
        statistics = manifest?.statistics
    }
}

extension BackupReportEvent.Disk {
    init(_ disk: Manifest.Disk) {
        id = disk.id
        address = disk.address.description
        isIncremental = disk.isIncremental
        fallback = disk.fallback
        statistics = disk.statistics
    }
}
