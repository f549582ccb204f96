import ArgumentParser
import Dispatch
import Glibc
import Logging
import PrismSimulator

/// `prism-simulator run`: serves until it is told to stop.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve the estate of a lab file until SIGTERM or SIGINT.",
        discussion: """
            All addresses come from the lab file. Several simulators run side by side with --addresses, which moves \
            them all to another block of loopback addresses. A state folder that was used before is continued.

            EXAMPLES
              prism-simulator run --cluster examples/simulator/lab.yaml --state /tmp/lab --ready-file /tmp/lab.json
            """)

    @Option(help: "The lab file (YAML) that describes users, clusters and VMs.")
    var cluster: String

    @Option(help: "The folder that keeps state and disks; made when absent.")
    var state: String

    @Option(help: "Address, or address:port, of Prism Central in place of the lab file's.")
    var pc: String?

    @Option(help: "First three numbers of the loopback addresses to use, such as 127.5.6.")
    var addresses: String?

    @Option(help: "Newest API version to serve: v4.0, v4.1 or v4.2.")
    var apiVersion: String?

    @Option(help: "A file that is written, as JSON, once everything answers.")
    var readyFile: String?

    @Flag(help: "Say every call on standard error.")
    var verbose = false

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let (signals, continuation) = AsyncStream.makeStream(of: Int32.self)
        let sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { continuation.yield(number) }
            source.resume()
            return source
        }
        defer {
            for source in sources { source.cancel() }
        }
        var log = Logger(label: "prism-simulator") { StreamLogHandler.standardError(label: $0) }
        log.logLevel = verbose ? .debug : .warning
        let simulator: PrismSimulator
        do {
            simulator = try await PrismSimulator.start(lab: try lab(), folder: state, log: log)
        } catch {
            let message = Array("prism-simulator: \(error)\n".utf8)
            _ = message.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
            throw ExitCode.failure
        }
        print(simulator.endpoints.text)
        fflush(nil)
        if let readyFile { try simulator.endpoints.write(to: readyFile) }
        for await _ in signals { break }
        await simulator.stop()
    }

    private func lab() throws -> LabDescription {
        var lab = try LabDescription.load(cluster)
        if let addresses { lab = lab.moved(to: addresses) }
        if let pc { lab = try lab.withCentral(at: pc) }
        if let apiVersion {
            guard let version = Settings.Version(rawValue: apiVersion) else {
                throw ValidationError("--api-version must be v4.0, v4.1 or v4.2")
            }
            lab.settings.version = version
        }
        return lab
    }
}
