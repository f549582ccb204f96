import ArgumentParser
import Engine

/// `ahvault export disk POINT`
struct ExportDisk: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "disk",
        abstract: "Write disks of a restore point as images, straight from the repository.",
        discussion: """
            Nothing but the image is written, under its name only when it is whole, with its SHA-256 and that of the \
            disk beside it in NAME.sha256. An export to a file that was interrupted goes on with --resume, in the forms \
            whose layout the disk alone decides; the others begin anew. Several disks are written side by side: \
            OUTPUT is a folder then. The same restore point and settings give the same bytes.

            EXAMPLES
              ahvault export disk latest --vm web-01 --disk scsi.0 --output web-01.vmdk --variant streamOptimized
              ahvault export disk 20261122-1830 --all-disks --format vhdx --output /srv/exports/
              ahvault export disk latest --vm web-01 --format raw --output - | ssh host 'cat > web-01.raw'
              ahvault export disk latest --vm web-01 --format vhd --variant azure --to archive
            """)

    @OptionGroup var point: PointArguments
    @Option(
        help: ArgumentHelp(
            "A disk's address or id; may be given several times; not needed when there is only one.",
            valueName: "disk"))
    var disk: [String] = []
    @Flag(help: "All disks of the restore point.")
    var allDisks = false
    @Option(
        help: ArgumentHelp("The file, a folder, or - for stdout; with --to the object's name.", valueName: "output"),
        completion: .file())
    var output: String?
    @Option(help: ArgumentHelp("An entry of `exports` in the configuration, to put objects there.", valueName: "name"))
    var to: String?
    @OptionGroup var format: FormatOptions
    @Flag(help: "Replace files that are there.")
    var replace = false
    @Flag(help: "Go on with what an interrupted export has left.")
    var resume = false
    @Flag(help: "Compute no SHA-256.")
    var noChecksum = false
    @OptionGroup var config: ConfigOption
    @OptionGroup var events: EventOption

    func validate() throws {
        guard disk.isEmpty || !allDisks else { throw ValidationError("give --disk or --all-disks") }
        guard output != nil || to != nil else { throw ValidationError("give --output, or --to") }
        guard output != "-" || !events.json else { throw ValidationError("--json needs stdout for itself") }
        guard !resume || (to == nil && output != "-") else { throw ValidationError("only a file can be gone on with") }
    }

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let configuration = try surroundings.configuration(config)
        let request = ExportRequest(
            disks: allDisks ? .all : disk.isEmpty ? .theOnly : .named(disk), output: output, format: format,
            replaces: replace, resumes: resume, hasDigests: !noChecksum)
        let session = try ExportSession(configuration, in: surroundings, events: events.json)
        return try await session.run(request, of: point, to: to)
    }
}
