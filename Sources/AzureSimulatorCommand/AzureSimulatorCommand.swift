import ArgumentParser
import AzureSimulator

/// The executable `azure-simulator`.
@main
struct AzureSimulatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "azure-simulator",
        abstract: "An Azure Blob service, simulated on loopback, with the endpoints that issue tokens for it.",
        discussion: """
            EXAMPLES
              azure-simulator run --port 10000
              azure-simulator run --tls --secret app=s3cret --identity vm --ready-file /tmp/azure.json
            """,
        subcommands: [Run.self])
}
