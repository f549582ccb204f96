import ArgumentParser
import PrismSimulator

/// The executable `prism-simulator`.
@main
struct PrismSimulatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prism-simulator",
        abstract: "A Nutanix Prism Central with its clusters, simulated on loopback addresses.",
        discussion: """
            EXAMPLES
              prism-simulator run --cluster examples/simulator/lab.yaml --state /tmp/lab
              prism-simulator run --cluster lab.yaml --state /tmp/lab --api-version v4.0 --addresses 127.5.6
            """,
        subcommands: [Run.self])
}
