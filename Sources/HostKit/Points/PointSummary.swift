import Engine

/// A restore point as `points list --json` shows it.
struct PointSummary: Encodable, Sendable {
    let id: RestorePointID
    let created: Timestamp
    let repository: String
    let vm: Manifest.VM
    let source: String
    let job: String?
    /// `full`, `incremental` or `mixed`.
    let kind: PointOverview.Kind
    let consistency: Manifest.ConsistencyRecord
    let disks: Int
    let isPinned: Bool
    let statistics: Manifest.Statistics

    init(_ point: FoundPoint) {
        let overview = point.overview
        id = overview.id
        created = overview.created
        repository = point.repository
        vm = overview.vm
        source = overview.source
        job = overview.job
        kind = overview.kind
        consistency = overview.consistency
        disks = overview.disks
        isPinned = point.isPinned
        statistics = overview.statistics
    }
}

/// A restore point as `points show --json` shows it.
struct PointDetails: Encodable, Sendable {
    let repository: String
    let isPinned: Bool
    /// Absent when it is not pinned, or when the pin cannot be read.
    let pin: Pin?
    let manifest: Manifest
}

extension Manifest {
    /// `application`, or `crash (application was asked)`.
    var consistencyText: String { consistency.text }

    /// Whether it is less than what was asked for.
    var isDegraded: Bool { consistency.isDegraded }
}

extension Manifest.ConsistencyRecord {
    /// `application`, or `crash (application was asked)`.
    var text: String { isDegraded ? "\(got.rawValue) (\(asked.rawValue) was asked)" : got.rawValue }

    /// Whether it is less than what was asked for.
    var isDegraded: Bool { asked == .application && got != .application }
}

extension Timestamp {
    /// To the minute, for tables: `2026-11-22 18:30`.
    var minutes: String {
        let text = description
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5))"
    }
}
