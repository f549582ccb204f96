import NIOCore
import NIOPosix

/// One connection through a portal: the login is read and adapted, everything after it passes as it is.
struct PortalSession: Sendable {
    typealias Inbound = NIOAsyncChannelInboundStream<ByteBuffer>
    typealias Outbound = NIOAsyncChannelOutboundWriter<ByteBuffer>

    /// The bytes are no iSCSI, or a fault cut the session.
    enum Failure: Error { case notISCSI, cut }

    let portal: Portal
    let client: any Channel
    private var peer: SocketAddress? { client.remoteAddress }

    /// What the first login request said.
    private struct Login: Sendable {
        var initiator: String
        var isDiscovery: Bool
        var group: String?
    }

    func run(_ inbound: Inbound, _ outbound: Outbound) async throws {
        var source = UnitReader(inbound.makeAsyncIterator())
        guard let first = try await source.unit() else { return }
        guard first.code == LoginUnit.Code.login else { throw Failure.notISCSI }
        let login = Login(
            initiator: first["InitiatorName"] ?? "", isDiscovery: first["SessionType"] == "Discovery",
            group: await portal.targets.group(ofTarget: first["TargetName"] ?? ""))
        if let group = login.group, await !portal.owns(group) {
            return try await outbound.write(ByteBuffer(bytes: first.answer(statusClass: 2, detail: 3).bytes))
        }
        if let redirect = portal.redirect, !login.isDiscovery {
            let answer = first.answer(statusClass: 1, detail: 1, pairs: [("TargetAddress", redirect)])
            return try await outbound.write(ByteBuffer(bytes: answer.bytes))
        }
        portal.traffic.beginSession()
        let daemon = try await connect()
        try await daemon.executeThenClose { [source] answers, requests in
            var source = source
            try await requests.write(ByteBuffer(bytes: adapted(request: first, login).bytes))
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await passAnswers(answers, outbound, login) }
                defer { tasks.cancelAll() }
                try await passRequests(&source, requests, login)
            }
        }
    }

    /// Connects to the daemon from the client's own address, because that is what access rules go by.
    private func connect() async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.recvAllocator, value: Portal.allocator)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        if let address = client.remoteAddress?.ipAddress, address.hasPrefix("127.") {
            bootstrap = bootstrap.bind(to: try SocketAddress(ipAddress: address, port: 0))
        }
        return try await bootstrap.connect(host: "127.0.0.1", port: portal.targets.port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
    }

    private func passRequests(_ source: inout UnitReader, _ daemon: Outbound, _ login: Login) async throws {
        while let code = try await source.nextCode(), login.isDiscovery || code == LoginUnit.Code.login {
            guard let unit = try await source.unit() else { return }
            let adapted = code == LoginUnit.Code.login ? adapted(request: unit, login) : unit
            try await daemon.write(ByteBuffer(bytes: adapted.bytes))
        }
        while let bytes = try await source.rest() {
            if !portal.traffic.pass(bytes.readableBytes, toClient: false) { throw Failure.cut }
            try await daemon.write(bytes)
        }
    }

    private func passAnswers(_ answers: Inbound, _ outbound: Outbound, _ login: Login) async throws {
        // However this ends, the whole session does: the other direction would wait for ever.
        defer { client.close(promise: nil) }
        var source = UnitReader(answers.makeAsyncIterator())
        while true {
            guard let unit = try await source.unit() else { break }
            try await outbound.write(ByteBuffer(bytes: await adapted(answer: unit, login).bytes))
            // The login is over with the answer that grants the full feature phase, or with a refusal.
            let isFull = unit.header[1] & 0x83 == 0x83
            if !login.isDiscovery && (unit.code != LoginUnit.Code.loginAnswer || isFull) { break }
        }
        while let bytes = try await source.rest() {
            if !portal.traffic.pass(bytes.readableBytes, toClient: true) { break }
            let delay = portal.traffic.delay
            if delay > 0 { try await Task.sleep(for: .seconds(delay)) }
            try await outbound.write(bytes)
        }
    }

    /// The CHAP name that the daemon knows for this volume group.
    private func adapted(request: LoginUnit, _ login: Login) -> LoginUnit {
        guard let group = login.group, let name = request["CHAP_N"] else { return request }
        var unit = request
        unit.pairs = request.pairs.map { pair in
            guard pair.key == "CHAP_N" else { return pair }
            return (pair.key, name == login.initiator ? ISCSITargets.account(group, outgoing: false) : "nobody")
        }
        return unit
    }

    /// Names and addresses that mean something to the client.
    private func adapted(answer: LoginUnit, _ login: Login) async -> LoginUnit {
        var unit = answer
        if answer.code == LoginUnit.Code.textAnswer {
            unit.pairs = await visibleTargets(answer.pairs)
        } else if let group = login.group, answer["CHAP_N"] == ISCSITargets.account(group, outgoing: true) {
            unit.pairs = answer.pairs.map { $0.key == "CHAP_N" ? ($0.key, login.initiator) : $0 }
        }
        return unit
    }

    private func visibleTargets(_ pairs: [(key: String, value: String)]) async -> [(key: String, value: String)] {
        if portal.traffic.hidesTargets { return [] }
        var output: [(key: String, value: String)] = []
        var isVisible = true
        for pair in pairs {
            if pair.key == "TargetName" {
                isVisible = false
                if let group = await portal.targets.group(ofTarget: pair.value) { isVisible = await portal.owns(group) }
            }
            guard isVisible else { continue }
            output.append(
                pair.key == "TargetAddress" ? (pair.key, "\(portal.address):\(portal.port),1") : pair)
        }
        return output
    }
}
