import ArgumentParser
import AzureSimulator

/// The executable `azure-simulator`.
@main
struct AzureSimulatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "azure-simulator",
        abstract: "Azure on loopback: blobs, managed disks, virtual machines, and the endpoints that issue tokens.",
        discussion: """
            EXAMPLES
              azure-simulator run --port 10000
              azure-simulator run --tls --group vms=westeurope --secret app=s3cret
              azure-simulator run --tls --secret app=s3cret --identity vm --ready-file /tmp/azure.json
            """,
        subcommands: [Run.self])
}
