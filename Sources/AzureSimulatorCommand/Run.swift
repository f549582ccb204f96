import ArgumentParser
import AzureSimulator
import Dispatch
import Glibc

/// `azure-simulator run`: serves until it is told to stop.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve a Blob service until SIGTERM or SIGINT.",
        discussion: """
            Everything listens on 127.0.0.1 and is gone at the end. Without --account there is the account that every \
            emulator of Azure has, devstoreaccount1, with its well-known key.

            EXAMPLES
              azure-simulator run --port 10000
              azure-simulator run --account backups=a2V5MQ== --bodies /var/tmp/blobs
            """)

    @Option(help: "The port for HTTP; 0 takes a free one.")
    var port = 10000

    @Option(help: "An account and its key: NAME=BASE64. May be given several times, also for one name.")
    var account: [String] = []

    @Flag(help: "Serve HTTPS too, with a certificate made at start.")
    var tls = false

    @Option(help: "The port for HTTPS; 0 takes a free one.")
    var tlsPort = 0

    @Option(help: "The directory's id.")
    var tenant: String?

    @Option(help: "An application that signs in with a secret: CLIENT=SECRET. May be given several times.")
    var secret: [String] = []

    @Option(help: "An application that may only read: CLIENT=SECRET. May be given several times.")
    var reader: [String] = []

    @Option(help: "The client id of a managed identity. May be given several times.")
    var identity: [String] = []

    @Option(help: "Seconds a token is valid.")
    var tokenSeconds = 3599

    @Option(help: "A folder that keeps the bodies of blobs while it runs, in place of memory.")
    var bodies: String?

    @Option(help: "A file that takes the certificate of HTTPS.")
    var certificate: String?

    @Option(help: "A file that is written, as JSON, once everything answers.")
    var readyFile: String?

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
        let simulator: AzureSimulator
        do {
            simulator = try await AzureSimulator.start(try settings())
        } catch let error as AzureSettingsError {
            throw ValidationError(error.description)
        }
        do {
            try announce(simulator)
        } catch {
            await simulator.stop()
            throw error
        }
        for await _ in signals { break }
        await simulator.stop()
    }

    private func settings() throws -> AzureSettings {
        var settings = AzureSettings()
        if !account.isEmpty {
            var keys: [String: [String]] = [:]
            for pair in try account.map({ try Self.split($0, "--account") }) {
                keys[pair.0, default: []].append(pair.1)
            }
            settings.accounts = keys.map { AzureSettings.Account(name: $0.key, keys: $0.value) }
        }
        for pair in try secret.map({ try Self.split($0, "--secret") }) {
            settings.principals.append(.init(clientID: pair.0, secret: pair.1))
        }
        for pair in try reader.map({ try Self.split($0, "--reader") }) {
            settings.principals.append(.init(clientID: pair.0, secret: pair.1, role: .reader))
        }
        settings.principals += identity.map { .init(clientID: $0, secret: nil) }
        if let tenant { settings.tenant = tenant }
        settings.port = port
        settings.servesTLS = tls
        settings.tlsPort = tlsPort
        settings.tokenSeconds = tokenSeconds
        settings.folder = bodies
        return settings
    }

    private static func split(_ text: String, _ option: String) throws -> (String, String) {
        let halves = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard halves.count == 2 else { throw ValidationError("\(option) must be NAME=VALUE") }
        return (halves[0], halves[1])
    }

    private func announce(_ simulator: AzureSimulator) throws {
        if let certificate, let pem = simulator.certificate { try Self.write(pem, to: certificate) }
        print("Blob service   http://127.0.0.1:\(simulator.port)/ACCOUNT/CONTAINER/BLOB")
        if let port = simulator.tlsPort { print("with TLS       https://127.0.0.1:\(port)") }
        fflush(nil)
        guard let readyFile else { return }
        let tls = simulator.tlsPort.map { ", \"tlsPort\": \($0)" } ?? ""
        try Self.write(
            "{ \"port\": \(simulator.port)\(tls), \"controlKey\": \"\(simulator.controlKey)\" }\n", to: readyFile)
    }

    /// Writes a file that only its owner may read, whole or not at all.
    private static func write(_ text: String, to path: String) throws {
        let draft = path + ".new"
        let file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        let bytes = Array(text.utf8)
        guard file >= 0, Glibc.write(file, bytes, bytes.count) == bytes.count, close(file) == 0,
            rename(draft, path) == 0
        else { throw ValidationError("cannot write \(path): \(String(cString: strerror(errno)))") }
    }
}
