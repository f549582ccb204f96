/// What lists and rules need to know of a restore point: its manifest without the disks, small and quick to read.
package struct PointOverview: Sendable {
    package let stored: StoredPoint
    package let created: Timestamp
    /// Counts the VM's restore points in the order they were made; 0 for the first.
    package let sequence: Int
    package let vm: Manifest.VM
    /// Name of the source in the configuration that made it.
    package let source: String
    /// Name of the job; nil for a backup by hand.
    package let job: String?
    /// What the job said about keeping restore points when this one was made.
    package let keep: JSONValue?
    package let kind: Kind
    package let consistency: Manifest.ConsistencyRecord
    package let disks: Int
    /// Bytes of its disks that are not zero.
    package let usedBytes: UInt64
    package let statistics: Manifest.Statistics

    /// How its disks were read.
    package enum Kind: String, Sendable, Codable {
        case full, incremental, mixed
    }

    package var id: RestorePointID { stored.id }

    package init(
        stored: StoredPoint, created: Timestamp, sequence: Int, vm: Manifest.VM, source: String, job: String?,
        keep: JSONValue?,
        kind: Kind, consistency: Manifest.ConsistencyRecord, disks: Int, usedBytes: UInt64,
        statistics: Manifest.Statistics
    ) {
        self.stored = stored
        self.created = created
        self.sequence = sequence
        self.vm = vm
        self.source = source
        self.job = job
        self.keep = keep
        self.kind = kind
        self.consistency = consistency
        self.disks = disks
        self.usedBytes = usedBytes
        self.statistics = statistics
    }

    package init(_ manifest: Manifest, at stored: StoredPoint) {
        let used = manifest.disks.reduce(UInt64(0)) { $0.addingReportingOverflow($1.root?.usedBytes ?? 0).partialValue }
        self.init(
            stored: stored, created: manifest.created, sequence: manifest.sequence ?? 0, vm: manifest.vm,
            source: manifest.source,
            job: manifest.job?["name"]?.string, keep: manifest.job?["keep"], kind: manifest.kind,
            consistency: manifest.consistency, disks: manifest.disks.count, usedBytes: used,
            statistics: manifest.statistics)
    }
}

extension Manifest {
    /// How its disks were read.
    package var kind: PointOverview.Kind {
        let incremental = disks.count { $0.isIncremental }
        return incremental == 0 ? .full : incremental == disks.count ? .incremental : .mixed
    }
}
