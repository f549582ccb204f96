import Engine

/// A restore point as `points list --json` shows it.
struct PointSummary: Encodable, Sendable {
    let id: RestorePointID
    let created: Timestamp
    let repository: String
    let vm: Manifest.VM
    let source: String
    /// `full`, `incremental` or `mixed`.
    let kind: String
    let consistency: Manifest.ConsistencyRecord
    let disks: Int
    let statistics: Manifest.Statistics

    init(_ point: FoundPoint) {
        let manifest = point.manifest
        id = manifest.id
        created = manifest.created
        repository = point.repository
        vm = manifest.vm
        source = manifest.source
        kind = manifest.kind
        consistency = manifest.consistency
        disks = manifest.disks.count
        statistics = manifest.statistics
    }
}

/// A restore point as `points show --json` shows it.
struct PointDetails: Encodable, Sendable {
    let repository: String
    let manifest: Manifest

    init(_ point: FoundPoint) {
        repository = point.repository
        manifest = point.manifest
    }
}

extension Manifest {
    /// How its disks were read: `full`, `incremental`, or `mixed`.
    var kind: String {
        let incremental = disks.count { $0.isIncremental }
        return incremental == 0 ? "full" : incremental == disks.count ? "incremental" : "mixed"
    }

    /// `application`, or `crash (application was asked)`.
    var consistencyText: String {
        isDegraded ? "\(consistency.got.rawValue) (\(consistency.asked.rawValue) was asked)" : consistency.got.rawValue
    }

    /// Whether it is less than what was asked for.
    var isDegraded: Bool { consistency.asked == .application && consistency.got != .application }
}

extension Timestamp {
    /// To the minute, for tables: `2026-11-22 18:30`.
    var minutes: String {
        let text = description
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5))"
    }
}
