/// A simulated Azure on loopback: Blob storage, managed disks, virtual machines and what they need of the network, as Azure
/// Resource Manager offers them, with the endpoints of Entra ID and of a machine's metadata service that issue tokens.
///
/// It verifies every signature, token and checksum over exactly what was sent. What it holds is gone when it stops.
///
///     let azure = try await AzureSimulator.start(AzureSettings(accounts: [.development]))
///     // http://127.0.0.1:\(azure.port)/devstoreaccount1/container/blob
///     await azure.stop()
package final class AzureSimulator: Sendable {
    /// The port of plain HTTP.
    package let port: Int
    /// The port of HTTPS; nil when it is not served.
    package let tlsPort: Int?
    /// The certificate of HTTPS, which is its own authority, as PEM.
    package let certificate: String?
    /// What requests are disturbed by.
    package let faults: Faults
    /// What requests to `/_faults` show in the field `x-simulator-key`.
    package let controlKey: String

    private let front: Front
    private let servers: [Task<Void, any Error>]

    /// Opens the servers.
    ///
    /// - Throws: `AzureSettingsError`; an error of the system when a port is taken or the folder cannot be made.
    package static func start(_ settings: AzureSettings = AzureSettings()) async throws -> AzureSimulator {
        try settings.check()
        let tokens = Tokens(settings: settings)
        let containers = settings.accounts.flatMap { account in settings.containers.map { "\(account.name)/\($0)" } }
        let store = Store(containers: containers)
        let grants = DiskGrants()
        let front = Front(
            settings: settings, tokens: tokens, store: store, bodies: try Bodies(folder: settings.folder),
            grants: grants,
            cloud: Cloud(settings: settings, store: store, grants: grants),
            faults: Faults(tokens: tokens, grants: grants), log: RequestLog(), controlKey: randomKey())
        let identity = settings.servesTLS ? try ServerIdentity.make(address: Listener.address) : nil
        let plain = try await open(Listener(port: settings.port, identity: nil, front: front))
        var secure: (port: Int, server: Task<Void, any Error>)?
        if let identity {
            do {
                secure = try await open(Listener(port: settings.tlsPort, identity: identity, front: front))
            } catch {
                plain.server.cancel()
                _ = await plain.server.result
                throw error
            }
        }
        return AzureSimulator(
            front: front, port: plain.port, tlsPort: secure?.port, certificate: identity?.certificatePEM,
            servers: [plain.server] + (secure.map { [$0.server] } ?? []))
    }

    private init(front: Front, port: Int, tlsPort: Int?, certificate: String?, servers: [Task<Void, any Error>]) {
        self.front = front
        self.port = port
        self.tlsPort = tlsPort
        self.certificate = certificate
        self.servers = servers
        faults = front.faults
        controlKey = front.controlKey
    }

    /// Closes the servers and all connections; when it returns the ports are free.
    package func stop() async {
        for server in servers { server.cancel() }
        for server in servers { _ = await server.result }
        await front.bodies.close()
    }

    /// `http://127.0.0.1:PORT/ACCOUNT`.
    package func endpoint(of account: String = AzureSettings.Account.development.name) -> String {
        "http://\(Listener.address):\(port)/\(account)"
    }

    /// `https://127.0.0.1:PORT/ACCOUNT`; nil when HTTPS is not served.
    package func secureEndpoint(of account: String = AzureSettings.Account.development.name) -> String? {
        tlsPort.map { "https://\(Listener.address):\($0)/\(account)" }
    }

    /// `http://127.0.0.1:PORT`, where Azure Resource Manager and the endpoints for tokens are too.
    package var origin: String { "http://\(Listener.address):\(port)" }

    /// `https://127.0.0.1:PORT`; nil when HTTPS is not served.
    package var secureOrigin: String? { tlsPort.map { "https://\(Listener.address):\($0)" } }

    /// The requests so far, in the order of their ends.
    package var requests: [RequestRecord] { front.log.all }

    /// Forgets the requests so far.
    package func clearRequests() { front.log.clear() }

    private static func open(_ listener: Listener) async throws -> (port: Int, server: Task<Void, any Error>) {
        let (ports, ready) = AsyncStream.makeStream(of: Int.self)
        let server = Task {
            defer { ready.finish() }
            try await listener.serve { ready.yield($0) }
        }
        var iterator = ports.makeAsyncIterator()
        guard let port = await iterator.next() else {
            let reason = await server.result
            throw AzureSettingsError(reason: "cannot listen on \(Listener.address):\(listener.port): \(reason)")
        }
        return (port, server)
    }

    private static func randomKey() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<4).map { _ in String(UInt32.random(in: .min ... .max, using: &generator), radix: 36) }.joined()
    }
}
