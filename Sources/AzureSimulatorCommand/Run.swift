import ArgumentParser
import AzureSimulator
import Dispatch
import Glibc

/// `azure-simulator run`: serves until it is told to stop.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve a simulated Azure until SIGTERM or SIGINT.",
        discussion: """
            Everything listens on 127.0.0.1 and is gone at the end. Without --account there is the account that every \
            emulator of Azure has, devstoreaccount1, with its well-known key.

            EXAMPLES
              azure-simulator run --container backups
              azure-simulator run --account backups=a2V5MQ== --bodies /var/tmp/blobs
            """)

    @Option(help: "The port for HTTP; 0 takes a free one.")
    var port = 10000

    @Option(help: "An account and its key: NAME=BASE64. May be given several times, also for one name.")
    var account: [String] = []

    @Option(help: "A container that every account has from the start. May be given several times.")
    var container: [String] = []

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

    @Option(help: "An application that signs in with a certificate: CLIENT=FILE. May be given several times.")
    var login: [String] = []

    @Option(help: "What an application may do with resources: CLIENT=ACTION,ACTION. Others may do everything.")
    var allow: [String] = []

    @Option(help: "A directory that the subscription does not trust. May be given several times.")
    var foreignTenant: [String] = []

    @Option(help: "The subscription's id.")
    var subscription: String?

    @Option(help: "A resource group that is there from the start: NAME=REGION. May be given several times.")
    var group: [String] = []

    @Option(help: "A limit of every region: USAGE=NUMBER, such as cores=8. May be given several times.")
    var quota: [String] = []

    @Option(help: "How many questions for an operation are answered with InProgress.")
    var polls = 1

    @Option(help: "Seconds that clients are told to wait between two such questions.")
    var retryAfter = 1

    @Option(help: "How many writes a minute Azure Resource Manager takes.")
    var writes: Int?

    @Option(help: "What URLs of managed disks begin with; {account} stands for the disk's account.")
    var diskEndpoint: String?

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
        settings.containers = container
        for pair in try secret.map({ try Self.split($0, "--secret") }) {
            settings.principals.append(.init(clientID: pair.0, secret: pair.1))
        }
        for pair in try reader.map({ try Self.split($0, "--reader") }) {
            settings.principals.append(.init(clientID: pair.0, secret: pair.1, role: .reader))
        }
        for pair in try login.map({ try Self.split($0, "--login") }) {
            settings.principals.append(.init(clientID: pair.0, secret: nil, certificate: try Self.read(pair.1)))
        }
        settings.principals += identity.map { .init(clientID: $0, secret: nil) }
        for pair in try allow.map({ try Self.split($0, "--allow") }) {
            for index in settings.principals.indices where settings.principals[index].clientID == pair.0 {
                settings.principals[index].actions = pair.1.split(separator: ",").map(String.init)
            }
        }
        if let tenant { settings.tenant = tenant }
        settings.foreignTenants = foreignTenant
        settings.cloud = try cloud()
        settings.port = port
        settings.servesTLS = tls
        settings.tlsPort = tlsPort
        settings.tokenSeconds = tokenSeconds
        settings.folder = bodies
        return settings
    }

    private func cloud() throws -> CloudSettings {
        var cloud = CloudSettings()
        if let subscription { cloud.subscription = subscription }
        for pair in try group.map({ try Self.split($0, "--group") }) { cloud.groups[pair.0] = pair.1 }
        for pair in try quota.map({ try Self.split($0, "--quota") }) {
            guard let limit = Int(pair.1) else { throw ValidationError("--quota must be USAGE=NUMBER") }
            cloud.quotas[pair.0] = limit
        }
        cloud.polls = polls
        cloud.retryAfter = retryAfter
        cloud.writes = writes
        cloud.diskEndpoint = diskEndpoint
        return cloud
    }

    /// Reads a small file of text.
    private static func read(_ path: String) throws -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw ValidationError("cannot read \(path): \(String(cString: strerror(errno)))") }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = Glibc.read(file, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    private static func split(_ text: String, _ option: String) throws -> (String, String) {
        let halves = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard halves.count == 2 else { throw ValidationError("\(option) must be NAME=VALUE") }
        return (halves[0], halves[1])
    }

    private func announce(_ simulator: AzureSimulator) throws {
        if let certificate, let pem = simulator.certificate { try Self.write(pem, to: certificate) }
        print("Blob service   http://127.0.0.1:\(simulator.port)/ACCOUNT/CONTAINER/BLOB")
        print("Resources      http://127.0.0.1:\(simulator.port)/subscriptions")
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
