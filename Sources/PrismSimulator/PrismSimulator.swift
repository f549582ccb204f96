import Glibc
package import Logging
import NIOPosix
import Synchronization

/// A simulated Prism Central with its clusters on loopback addresses: HTTPS, tasks, recovery points, changed regions,
/// and volume groups served by a real iSCSI target daemon.
///
/// Everything it is lives in its state folder: stopped and started again on the same folder it goes on where it was.
/// It owns the daemon it starts; the daemon ends with `stop()`, and with the process however that ends.
package final class PrismSimulator: Sendable {
    /// Where the parts of a running simulator are.
    package struct Endpoints: Sendable {
        package struct Endpoint: Sendable {
            /// `https://address:port`.
            package var url: String
            package var address: String
            package var port: Int
            /// SHA-256 of the certificate's DER, lower-case hexadecimal.
            package var fingerprint: String
            /// Path of the certificate, which is its own authority.
            package var certificate: String
        }

        package struct Cluster: Sendable {
            package var name: String
            package var extId: String
            package var element: Endpoint
            /// `address:port` of the data services; nil when the cluster has none.
            package var dataServices: String?
        }

        package var central: Endpoint
        package var clusters: [Cluster]
        /// Path of a file with all certificates.
        package var authorities: String
    }

    package let endpoints: Endpoints
    let world: World
    private let disks: DiskStore
    private let daemon: TargetDaemon
    private let queue: NIOThreadPool
    private let servers: [Task<Void, any Error>]

    private init(
        endpoints: Endpoints, world: World, disks: DiskStore, daemon: TargetDaemon, queue: NIOThreadPool,
        servers: [Task<Void, any Error>]
    ) {
        self.endpoints = endpoints
        self.world = world
        self.disks = disks
        self.daemon = daemon
        self.queue = queue
        self.servers = servers
    }

    /// Starts a simulator; it answers when this returns.
    ///
    /// - Parameters:
    ///   - lab: the estate to show; ignored, but for addresses and settings, once the state folder holds a state.
    ///   - folder: the state folder, made when absent. One simulator at a time may use it.
    ///   - log: where it says what it does; secrets are never logged.
    /// - Throws: `LabError`, `DiskFailure` or an error that names the address that cannot be bound.
    package static func start(
        lab: LabDescription, folder: String, log: Logger = Logger(label: "prism-simulator")
    ) async throws -> PrismSimulator {
        if mkdir(folder, 0o700) != 0 && errno != EEXIST { throw DiskFailure(action: "make", path: folder, code: errno) }
        guard let resolved = realpath(folder, nil) else { throw DiskFailure(action: "find", path: folder, code: errno) }
        defer { free(resolved) }
        let path = String(cString: resolved)
        // Its thread lives until `stop()`: the kernel ends the daemon with the thread that started it.
        let queue = NIOThreadPool(numberOfThreads: 1)
        queue.start()
        let daemon = try await queue.runIfActive { try TargetDaemon.start(folder: path) }
        do {
            return try await start(lab, path, queue, daemon, log)
        } catch {
            daemon.stop()
            try? await queue.shutdownGracefully()
            throw error
        }
    }

    private static func start(
        _ lab: LabDescription, _ folder: String, _ queue: NIOThreadPool, _ daemon: TargetDaemon, _ log: Logger
    ) async throws -> PrismSimulator {
        let disks = try DiskStore(folder: folder + "/disks")
        let traffic = PortalTraffic()
        let targets = ISCSITargets(daemon: daemon, queue: queue)
        let world = World(lab: lab, folder: folder, disks: disks, targets: targets, traffic: traffic, log: log)
        var servers: [Task<Void, any Error>] = []
        do {
            try await world.load()
            let (endpoints, listeners) = try await listen(lab, folder, world, &servers)
            servers += listeners
            return PrismSimulator(
                endpoints: endpoints, world: world, disks: disks, daemon: daemon, queue: queue, servers: servers)
        } catch {
            for server in servers { server.cancel() }
            await world.saved()
            await disks.close()
            throw error
        }
    }

    /// Stops answering, ends the daemon and keeps the state.
    package func stop() async {
        for server in servers { server.cancel() }
        for server in servers { _ = await server.result }
        await world.settle()
        await world.saved()
        await disks.close()
        daemon.stop()
        try? await queue.shutdownGracefully()
    }
}
