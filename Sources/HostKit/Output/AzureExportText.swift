import Azure
import Engine

/// The report of an export to Azure in words.
struct AzureExportText: Sendable {
    private let exported: AzureExported
    private let point: FoundPoint

    init(_ exported: AzureExported, of point: FoundPoint) {
        self.exported = exported
        self.point = point
    }

    var text: String {
        let what = exported.machine == nil ? "VHDs" : "a VM, which \(exported.isRunning ? "runs" : "is stopped")"
        var lines = [
            "exported \(point.vm.name) of restore point \(point.id) to Azure as \(what), in "
                + Duration.seconds(exported.seconds).words
        ]
        if let machine = exported.machine { lines.append(machine) }
        for disk in exported.disks { lines += self.lines(of: disk) }
        lines.append("tag ahvault-run=\(exported.run)")
        lines += exported.remarks.map { "note: \($0)" }
        return lines.map { $0.printable(keepsLines: false) }.joined(separator: "\n")
    }

    private func lines(of disk: AzureExported.Disk) -> [String] {
        var parts = [
            "\(disk.label) is \(disk.name): \(ByteCount(disk.size))", "\(ByteCount(disk.used)) used",
            "\(ByteCount(disk.sent)) sent",
        ]
        if disk.resumed > 0 { parts.append("\(ByteCount(disk.resumed)) done before") }
        if disk.verified > 0 { parts.append("\(ByteCount(disk.verified)) read back and equal") }
        return [parts.joined(separator: ", ")] + (disk.blob.map { ["    page blob \($0)"] } ?? [])
    }
}
