import Engine

/// The report of an export in words.
struct ExportReportText: Sendable {
    private let disks: [ExportedDisk]
    private let point: FoundPoint

    init(_ disks: [ExportedDisk], of point: FoundPoint) {
        self.disks = disks
        self.point = point
    }

    var text: String { disks.map(words).joined(separator: "\n") }

    private func words(_ disk: ExportedDisk) -> String {
        let name = disk.files.first?.name ?? "stdout"
        let rest = disk.resumed > 0 ? ", the first \(ByteCount(disk.resumed)) by an export before" : ""
        var lines = [
            "exported \(point.vm.name) \(disk.address) of restore point \(point.id) to \(name): "
                + "\(disk.format) \(disk.variant)",
            "\(ByteCount(disk.size)) of disk in \(ByteCount(disk.image.fileSize)), in "
                + "\(Duration.seconds(disk.seconds).words)\(rest)",
        ]
        if let content = disk.content { lines.append("SHA-256 of the disk: \(content)") }
        for file in disk.files { if let digest = file.digest { lines.append("SHA-256 of \(file.name): \(digest)") } }
        lines += disk.image.remarks.map { "note: \($0)" }
        return lines.map { $0.printable(keepsLines: false) }.joined(separator: "\n")
    }
}

/// The report of an export as the last event of `--json`.
struct ExportReportEvent: Encodable, Sendable {
    let event = "report"
    let restorePoint: RestorePointID
    let repository: String
    let disks: [Disk]

    struct Disk: Encodable, Sendable {
        let address: String
        let format: String
        let variant: String
        /// Bytes of the disk.
        let size: UInt64
        /// Bytes of all files.
        let fileSize: UInt64
        let files: [File]
        /// SHA-256 of the disk.
        let content: Digest?
        /// Bytes of the disk that an interrupted export had done.
        let resumed: UInt64
        let remarks: [String]
        let seconds: Double
    }

    struct File: Encodable, Sendable {
        let name: String
        let size: UInt64
        let sha256: Digest?
    }

    init(_ exported: [ExportedDisk], of point: FoundPoint) {
        restorePoint = point.id
        repository = point.repository
        disks = exported.map { disk in
            Disk(
                address: disk.address.description, format: disk.format, variant: disk.variant, size: disk.size,
                fileSize: disk.image.fileSize,
                files: disk.files.map { File(name: $0.name, size: $0.size, sha256: $0.digest) },
                content: disk.content, resumed: disk.resumed, remarks: disk.image.remarks, seconds: disk.seconds)
        }
    }

    private enum CodingKeys: CodingKey {
        case event, restorePoint, repository, disks
    }
}
