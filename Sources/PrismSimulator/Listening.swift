import NIOCore

/// Opening the servers of a simulator.
extension PrismSimulator {
    /// Opens all servers: Prism Central, each Prism Element, each iSCSI portal.
    ///
    /// - Parameter servers: takes every server that was opened, also when a later one fails.
    static func listen(
        _ lab: LabDescription, _ folder: String, _ world: World, _ servers: inout [Task<Void, any Error>]
    ) async throws -> (Endpoints, [Task<Void, any Error>]) {
        let central = try await open(
            Listener(
                address: lab.central.address, port: lab.central.port,
                identity: try await world.disks.inOrder {
                    try .prepare(folder: folder, name: "prism-central", addresses: [lab.central.address])
                },
                answer: { await world.respond(toCentral: $0) }), &servers)
        var authorities = central.identity.certificatePEM
        var clusters: [Endpoints.Cluster] = []
        for cluster in lab.clusters {
            let addresses =
                cluster.controllerVM == cluster.address ? [cluster.address] : [cluster.address, cluster.controllerVM]
            let identity = try await world.disks.inOrder {
                try ServerIdentity.prepare(
                    folder: folder, name: "prism-element-\(cluster.name)", addresses: addresses)
            }
            authorities += identity.certificatePEM
            var element: Endpoints.Endpoint?
            for address in addresses {
                let opened = try await open(
                    Listener(
                        address: address, port: cluster.port, identity: identity,
                        answer: { await world.respond(toElement: cluster.extId, $0) }), &servers)
                element = element ?? opened.endpoint
            }
            try await openPortals(cluster, world, &servers)
            guard let element else { continue }
            clusters.append(
                Endpoints.Cluster(
                    name: cluster.name, extId: cluster.extId, element: element,
                    dataServices: cluster.dataServices.map { "\($0):\(cluster.iscsiPort)" }))
        }
        let bundle = folder + "/certificates.pem"
        try await world.disks.inOrder { [authorities] in
            try StateFile(path: bundle).save(Array(authorities.utf8))
        }
        return (Endpoints(central: central.endpoint, clusters: clusters, authorities: bundle), [])
    }

    private static func open(
        _ listener: Listener, _ servers: inout [Task<Void, any Error>]
    ) async throws -> (endpoint: Endpoints.Endpoint, identity: ServerIdentity) {
        let (ports, ready) = AsyncStream.makeStream(of: Int.self)
        let server = Task {
            defer { ready.finish() }
            try await listener.serve { ready.yield($0) }
        }
        var iterator = ports.makeAsyncIterator()
        guard let port = await iterator.next() else {
            let reason = await server.result
            throw LabError(place: "\(listener.address):\(listener.port)", reason: "cannot listen: \(reason)")
        }
        servers.append(server)
        ServerSockets.closeInPrograms()
        let endpoint = Endpoints.Endpoint(
            url: "https://\(listener.address):\(port)", address: listener.address, port: port,
            fingerprint: listener.identity.fingerprint, certificate: listener.identity.certificatePath)
        return (endpoint, listener.identity)
    }

    private static func openPortals(
        _ cluster: LabDescription.Cluster, _ world: World, _ servers: inout [Task<Void, any Error>]
    ) async throws {
        guard let services = cluster.dataServices else { return }
        let isRedirecting = world.settings.redirectsLogins && cluster.controllerVM != services
        for address in isRedirecting ? [services, cluster.controllerVM] : [services] {
            let isFirst = address == services
            let portal = Portal(
                address: address, port: cluster.iscsiPort,
                redirect: isFirst && isRedirecting ? "\(cluster.controllerVM):\(cluster.iscsiPort)" : nil,
                owns: { group in await world.entity(.volumeGroup, group)?.clusters.first == cluster.extId },
                targets: world.targets, traffic: world.traffic, log: world.log)
            do {
                let server = try await portal.bind()
                servers.append(Task { await portal.serve(server) })
            } catch {
                throw LabError(place: "\(address):\(cluster.iscsiPort)", reason: "cannot listen for iSCSI: \(error)")
            }
        }
    }
}
