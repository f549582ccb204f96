import ArgumentParser
import Engine

/// `ahvault restore vm POINT`
struct RestoreVM: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "vm",
        abstract: "Make the VM of a restore point anew.",
        discussion: """
            POINT is the beginning of a restore point's id, or `latest` together with --vm. The VM comes back with its \
            disks on their buses, its boot type, NICs and categories; it stays off unless --power-on is given. A restore \
            that fails or is interrupted removes what it made.

            EXAMPLES
              ahvault restore vm 20261122-1830
              ahvault restore vm latest --vm web-01 --name web-01-restored --power-on
              ahvault restore vm latest --vm web-01 --cluster dr-1 --container fast --network prod=dr-net
              ahvault restore vm latest --vm web-01 --in-place
            """)

    @OptionGroup var point: PointArguments
    @OptionGroup var config: ConfigOption
    @OptionGroup var source: RestoreSourceOption
    @OptionGroup var mapping: MappingOptions
    @Option(help: ArgumentHelp("Name of the new VM (default: the original's).", valueName: "name"))
    var name: String?
    @Flag(help: "Power the VM on when it is complete.")
    var powerOn = false
    @Flag(help: "Replace the original VM: it is removed once the new one is complete.")
    var inPlace = false
    @Flag(name: .customLong("keep-macs"), help: "Keep the NICs' MAC addresses, even beside the original VM.")
    var keepsMACs = false
    @OptionGroup var output: EventOption

    func validate() throws {
        guard !inPlace || name == nil else {
            throw ValidationError("--in-place keeps the VM's name: leave --name out")
        }
    }

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let configuration = try surroundings.configuration(config)
        var choices = Restorer.VMChoices()
        choices.name = name
        choices.mapping = mapping.mapping
        choices.isInPlace = inPlace
        choices.powersOn = powerOn
        choices.keepsMACs = keepsMACs
        let session = try RestoreSessionPlan(configuration, in: surroundings, events: output.json)
        return try await session.run(.vm, of: point, source: source.source) {
            [choices] restorer, manifest, source throws(EngineError) in
            try await restorer.restoreVM(manifest, choices, to: source)
        }
    }
}
