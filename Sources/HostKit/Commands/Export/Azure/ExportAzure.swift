import ArgumentParser
import Engine

/// `ahvault export azure POINT`
struct ExportAzure: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "azure",
        abstract: "Make a VM in Microsoft Azure from a restore point.",
        discussion: """
            The disks go straight from the repository into managed disks, used ranges alone; then the network and the \
            VM are made. Before that the disks are looked at, and what will keep the VM from starting is told with its \
            remedy. --dry-run tells that and the plan, with every name, and makes nothing. An export that fails removes \
            what it made and says so; after a crash, or with --keep-partial, --resume goes on with it and --discard \
            removes it. See docs/guides/export-azure.md.

            EXAMPLES
              ahvault export azure latest --vm web-01 --to production --dry-run
              ahvault export azure latest --vm web-01 --to production --size Standard_D4s_v5 --tag owner=ops
              ahvault export azure 20261122-1830 --to production --name web-02 --network hub --subnet inner --power-off
              ahvault export azure 20261122-1830 --to production --resume
            """)

    @OptionGroup var point: PointArguments
    @Option(help: ArgumentHelp("An entry of `azure` in the configuration.", valueName: "name"))
    var to: String
    @OptionGroup var machine: AzureMachineOptions
    @OptionGroup var network: AzureNetworkOptions
    @Option(
        help: ArgumentHelp(
            "managed-disk for direct upload, page-blob to leave VHDs in a storage account (default: as configured).",
            valueName: "mode"))
    var mode: AzureUploadMode?
    @Option(help: ArgumentHelp("What is read back and compared: off, sample or full.", valueName: "what"))
    var verify = AzureVerification.sample
    @Flag(help: "Tell the plan and make nothing.")
    var dryRun = false
    @Flag(help: "Go on with what an interrupted export of this restore point has left.")
    var resume = false
    @Flag(help: "Keep what was made when the export fails, for --resume.")
    var keepPartial = false
    @Flag(help: "Remove what an interrupted export of this restore point has left, and make nothing.")
    var discard = false
    @Flag(help: "Do not look into the disks; --os is needed then.")
    var noPreflight = false
    @OptionGroup var config: ConfigOption
    @OptionGroup var events: EventOption

    func validate() throws {
        guard !discard || !(resume || dryRun || keepPartial) else {
            throw ValidationError("--discard makes nothing: it goes alone")
        }
    }

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let configuration = try surroundings.configuration(config)
        var choice = AzureExportChoice(machine: machine, network: network, mode: mode, verification: verify)
        choice.isDryRun = dryRun
        choice.resumes = resume
        choice.keepsPartial = keepPartial
        choice.discards = discard
        choice.looksAtDisks = !noPreflight
        let session = try AzureExportSession(configuration, in: surroundings, events: events.json)
        return try await session.run(choice, of: point, to: to)
    }
}

/// `--mode`.
enum AzureUploadMode: String, ExpressibleByArgument, CaseIterable, Sendable {
    case managedDisk = "managed-disk"
    case pageBlob = "page-blob"
}
