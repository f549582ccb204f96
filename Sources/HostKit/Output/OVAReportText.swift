import Engine

/// The report of an exported OVA in words.
struct OVAReportText: Sendable {
    private let exported: ExportedOVA
    private let point: FoundPoint

    init(_ exported: ExportedOVA, of point: FoundPoint) {
        self.exported = exported
        self.point = point
    }

    var text: String {
        let name = exported.file.name.isEmpty ? "stdout" : exported.file.name
        var lines = [
            "exported \(point.vm.name) of restore point \(point.id) to \(name)",
            "\(exported.disks == 1 ? "1 disk" : "\(exported.disks) disks") of \(ByteCount(exported.size)) in "
                + "\(ByteCount(exported.file.size)), in \(Duration.seconds(exported.seconds).words)",
        ]
        if let digest = exported.file.digest { lines.append("SHA-256 of \(name): \(digest)") }
        lines += exported.remarks.map { "note: \($0)" }
        return lines.map { $0.printable(keepsLines: false) }.joined(separator: "\n")
    }
}

/// The report of an exported OVA as the last event of `--json`.
struct OVAReportEvent: Encodable, Sendable {
    let event = "report"
    let restorePoint: RestorePointID
    let repository: String
    let file: String
    /// Bytes.
    let fileSize: UInt64
    let sha256: Digest?
    let disks: Int
    /// Bytes of all disks.
    let size: UInt64
    let remarks: [String]
    let seconds: Double

    init(_ exported: ExportedOVA, of point: FoundPoint) {
        restorePoint = point.id
        repository = point.repository
        file = exported.file.name
        fileSize = exported.file.size
        sha256 = exported.file.digest
        disks = exported.disks
        size = exported.size
        remarks = exported.remarks
        seconds = exported.seconds
    }

    private enum CodingKeys: CodingKey {
        case event, restorePoint, repository, file, fileSize, sha256, disks, size, remarks, seconds
    }
}
