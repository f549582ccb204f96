import AHV
import ArgumentParser
import Engine
import Glibc

/// `ahvault export ova POINT`
struct ExportOVA: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "ova",
        abstract: "Write the VM of a restore point as an OVA, for VMware, VirtualBox and others.",
        discussion: """
            The OVF tells processors, memory, firmware, network cards and controllers as the VM had them; the disks are \
            stream-optimized VMDKs; a manifest has the SHA-256 of each. Into a file it is one pass; to stdout and to a \
            target the disks are compressed twice, since their sizes come first.

            EXAMPLES
              ahvault export ova latest --vm web-01 --output web-01.ova
              ahvault export ova 20261122-1830 --output web-01.ova --set compression=fast --name web-02
              ahvault export ova latest --vm web-01 --output - | ssh host 'cat > web-01.ova'
            """)

    @OptionGroup var point: PointArguments
    @Option(
        help: ArgumentHelp("The file, or - for stdout; with --to the object's name.", valueName: "output"),
        completion: .file())
    var output: String
    @Option(
        help: ArgumentHelp("An entry of `exports` in the configuration, to put an object there.", valueName: "name"))
    var to: String?
    @Option(help: ArgumentHelp("The VM's name in the OVF (default: its own).", valueName: "name"))
    var name: String?
    @Option(
        help: ArgumentHelp(
            "One more setting of the disks' format, such as compression=fast; may be given several times.",
            valueName: "key=value"))
    var set: [KeyAndValue] = []
    @Flag(help: "Replace a file that is there.")
    var replace = false
    @Flag(help: "Compute no SHA-256 of the OVA itself; the manifest in it has those of its files in any case.")
    var noChecksum = false
    @OptionGroup var config: ConfigOption
    @OptionGroup var events: EventOption

    func validate() throws {
        guard output != "-" || !events.json else { throw ValidationError("--json needs stdout for itself") }
    }

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let configuration = try surroundings.configuration(config)
        let session = try ExportSession(configuration, in: surroundings, events: events.json)
        var choice = FormatChoice(type: "vmdk", settings: ["variant": "streamOptimized"])
        for setting in set { choice.settings[setting.key] = setting.value }
        let formats = ImageFormats(surroundings)
        let (name, hasDigest) = (name, !noChecksum)
        return try await session.runOVA(of: point, to: to, isStreamed: output == "-" && to == nil) {
            manifest, target throws(EngineError) in
            var choice = choice
            if choice.settings["id"] == nil { choice.settings["id"] = ImageID.named("\(manifest.id)").description }
            var export = OVAExport(manifest.disks, as: try formats.make(choice), to: try place(at: target)) {
                configuration, disks in
                let described = ExportedConfiguration(
                    configuration, name: name ?? manifest.vm.name, disks: disks.map { ($0.address, $0.size) })
                return (described.machine, described.remarks)
            }
            export.hasDigest = hasDigest
            return export
        }
    }

    private func place(at target: (any Target)?) throws(EngineError) -> ExportPlace {
        if let target { return .object(try ExportRequest.key(output), target) }
        if output == "-" { return .stream(STDOUT_FILENO, name: "stdout") }
        return .file(output, replaces: replace, resumes: false)
    }
}
