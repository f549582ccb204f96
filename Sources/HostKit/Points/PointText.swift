import Engine

/// A restore point in words and tables, for `points show`.
struct PointText: Sendable {
    private let point: PointDetails

    init(_ point: PointDetails) { self.point = point }

    var text: String {
        ([facts, disks] + remarks).joined(separator: "\n\n")
    }

    private var facts: String {
        let manifest = point.manifest
        var rows = [
            ("Restore point", manifest.id.text), ("Repository", point.repository),
            ("Created", manifest.created.description), ("VM", "\(manifest.vm.name) (\(manifest.vm.id))"),
            ("Cluster", "\(manifest.vm.clusterName) (\(manifest.vm.clusterID))"), ("Source", manifest.source),
            ("Consistency", manifest.consistencyText),
        ]
        if let job = manifest.job?["name"]?.string { rows.append(("Job", job)) }
        if point.isPinned { rows.append(("Pinned", pinText)) }
        rows.append(("Written by", manifest.writer))
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { title, value in
            title + String(repeating: " ", count: width - title.count + 2) + value.printable(keepsLines: false)
        }.joined(separator: "\n")
    }

    private var pinText: String {
        guard let pin = point.pin else { return "yes; when and why cannot be read" }
        return "since \(pin.created)\(pin.note.map { ": \($0)" } ?? "")"
    }

    private var disks: String { DiskTable.text(point.manifest.disks) }

    private var remarks: [String] {
        let skipped = point.manifest.skipped.map { "left out: \($0)" }
        let warnings = point.manifest.warnings.map { "warning: \($0)" }
        let lines = (skipped + warnings).map { $0.printable(keepsLines: false) }
        return lines.isEmpty ? [] : [lines.joined(separator: "\n")]
    }
}
