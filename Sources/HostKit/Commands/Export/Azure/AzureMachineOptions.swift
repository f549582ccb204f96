import ArgumentParser
import Azure

/// What the VM in Azure is like.
struct AzureMachineOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The VM's name in Azure (default: its own).", valueName: "name"))
    var name: String?
    @Option(
        help: ArgumentHelp(
            "The VM's size (default: the smallest with its processors and memory).", valueName: "size"))
    var size: String?
    @Option(
        help: ArgumentHelp("1 for BIOS, 2 for UEFI (default: what VM and disk say).", valueName: "generation"))
    var generation: AzureGeneration?
    @Option(help: ArgumentHelp("linux or windows (default: what the disks say).", valueName: "os"))
    var os: AzureGuest?
    @Option(help: ArgumentHelp("Address of the disk that the VM starts from (default: the first).", valueName: "disk"))
    var osDisk: String?
    @Option(
        help: ArgumentHelp(
            "Standard_LRS, StandardSSD_LRS, Premium_LRS, StandardSSD_ZRS or Premium_ZRS (default: as configured).",
            valueName: "type"))
    var diskType: String?
    @Option(help: ArgumentHelp("The availability zone: 1, 2 or 3 (default: as configured).", valueName: "zone"))
    var zone: String?
    @Option(
        help: ArgumentHelp("A tag for everything that is made; may be given several times.", valueName: "name=text"))
    var tag: [KeyAndValue] = []
    @Option(help: ArgumentHelp("Secure boot and a virtual TPM: on or off.", valueName: "switch"))
    var trustedLaunch = OnOff.off
    @Flag(help: "Accelerated networking, which the guest needs drivers for.")
    var acceleratedNetworking = false
    @Flag(help: "Leave the VM stopped, its processors not paid for.")
    var powerOff = false
}

/// `--generation`.
enum AzureGeneration: String, ExpressibleByArgument, CaseIterable, Sendable {
    case first = "1"
    case second = "2"

    var value: AzureExportRequest.Generation { self == .first ? .first : .second }
}

/// `--os`.
enum AzureGuest: String, ExpressibleByArgument, CaseIterable, Sendable {
    case linux, windows

    var value: AzureExportRequest.Guest { self == .linux ? .linux : .windows }
}

/// `--verify`.
enum AzureVerification: String, ExpressibleByArgument, CaseIterable, Sendable {
    case off, sample, full

    var value: AzureExportRequest.Verification {
        switch self {
        case .off: .off
        case .sample: .sampled
        case .full: .full
        }
    }
}

/// `on` or `off`.
enum OnOff: String, ExpressibleByArgument, CaseIterable, Sendable {
    case on, off
}
