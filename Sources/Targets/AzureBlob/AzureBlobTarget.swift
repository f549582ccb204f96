package import Engine
import Logging
import Synchronization
import Wire

/// A container of Azure Blob Storage, or a part of it: each object is a block blob.
///
/// Nothing half-written is ever visible: a blob appears with Put Blob of its whole body or with its block list. Both
/// carry `If-None-Match: *`, so that of two puts of one key one succeeds, and an MD5 that the service compares.
///
/// Crash story: a put that dies leaves nothing, or blocks that belong to no blob, which the service removes by itself
/// within a week.
package final class AzureBlobTarget: Target {
    package static let name = "azure-blob"
    package static let summary = "a container of Azure Blob Storage"
    package static let usualLayers = [PluginChoice].patientRemoteLayers

    package let capabilities: TargetCapabilities
    let settings: Settings
    let prefix: ObjectPrefix
    let blockBytes: Int
    private let address: HTTPAddress
    private let trust: TLSTrust
    private let context: PluginContext
    private let policy: HTTPRetryPolicy
    private let clock: @Sendable () -> Timestamp
    private let connection = Mutex<ObjectTransport<AzureService>?>(nil)

    package convenience init(_ settings: Settings, in context: PluginContext) throws(EngineError) {
        try self.init(settings, in: context, policy: HTTPRetryPolicy(), clock: { .now() })
    }

    /// - Parameters: how failures are repeated, and what time it is.
    package init(
        _ settings: Settings, in context: PluginContext, policy: HTTPRetryPolicy,
        clock: @escaping @Sendable () -> Timestamp
    ) throws(EngineError) {
        try AzureCredentials.check(settings)
        try Self.check(settings)
        self.settings = settings
        self.context = context
        self.policy = policy
        self.clock = clock
        capabilities = TargetCapabilities(hasAtomicCreate: true, parallelism: settings.parallelism)
        prefix = try ObjectPrefix(settings.prefix)
        blockBytes = settings.partSize << 20
        trust = try settings.tls.trust(context)
        address = try HTTPAddress(
            settings.endpoint ?? "https://"
                + (settings.style == .host ? settings.account + ".blob." : "blob.") + settings.endpointSuffix,
            key: "endpoint")
        guard address.isSecure || address.isLoopback || settings.key != nil else {
            throw EngineError(
                .configuration, "`endpoint`: a token or shared access signature goes to an https address only")
        }
    }

    private static func check(_ settings: Settings) throws(EngineError) {
        func isName(_ text: String, _ most: Int, _ others: String) -> Bool {
            (3...most).contains(text.utf8.count)
                && text.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber) || others.contains($0) }
        }
        func wrong(_ what: String) -> EngineError { EngineError(.configuration, what) }
        // Accounts of emulators have longer names than real ones.
        guard isName(settings.account, 63, "-") else {
            throw wrong("`account`: `\(settings.account)` is no storage account's name")
        }
        guard isName(settings.container, 63, "-") else {
            throw wrong(
                "`container`: `\(settings.container)` is no container's name: 3 to 63 lower-case letters, digits, hyphens"
            )
        }
        guard (1...64).contains(settings.parallelism) else { throw wrong("`parallelism` must be from 1 to 64") }
        guard (1...1024).contains(settings.partSize) else { throw wrong("`partSize` must be from 1 to 1024 (MiB)") }
    }

    package func open() async throws(EngineError) {
        let tokens = EntraTokens.Surroundings(trust: trust, policy: policy, clock: clock, logger: context.logger)
        let service = AzureService(address, settings, try .reveal(settings, in: context, tokens))
        let transport = ObjectTransport(
            service, trust: trust, parallelism: settings.parallelism, policy: policy, clock: clock,
            logger: context.logger)
        try await enter(transport)
        connection.withLock { $0 = transport }
    }

    /// Looks into the container, and makes it when it is missing and may be made.
    private func enter(_ transport: ObjectTransport<AzureService>) async throws(EngineError) {
        let look = ObjectCall(
            method: "GET",
            query: [("restype", "container"), ("comp", "list"), ("maxresults", "1"), ("prefix", prefix.text)],
            what: "open \(place)")
        guard settings.createContainer else {
            _ = try await transport.send(look)
            return
        }
        guard try await transport.send(look, accepting: [404]).status == 404 else { return }
        let creation = ObjectCall(
            method: "PUT", query: [("restype", "container")], body: CallBody([]), what: "make \(place)")
        let reply = try await transport.send(creation, accepting: [409])
        if reply.status == 409, AzureProblem(reply.http).code != "ContainerAlreadyExists" {
            throw transport.service.refusal(of: creation, reply.http, at: clock())
        }
    }

    package func put(_ key: ObjectKey, _ content: Buffer) async throws(EngineError) {
        try await AzurePut(write: try write(key), content: content).run()
    }

    package func begin(_ key: ObjectKey) async throws(EngineError) -> any ObjectUpload { AzureUpload(try write(key)) }

    private func write(_ key: ObjectKey) throws(EngineError) -> AzureWrite {
        AzureWrite(target: self, transport: try transport(), key: key)
    }

    package func get(_ key: ObjectKey, _ range: Range<Int>?, into output: Buffer) async throws(EngineError) {
        let read = ObjectRead(name: "\(key) in \(place)", range: range, output: output)
        guard try await !read.isAnsweredBySize({ () async throws(EngineError) in try await self.size(of: key) })
        else { return }
        var call = ObjectCall(method: "GET", object: prefix.name(of: key), what: "read \(read.name)")
        call.space = read.space
        // The standard header is signed in another way; this one works with every kind of authorization.
        if let header = read.range { call.headers.append(HTTPHeader("x-ms-range", header)) }
        try read.finish(try await transport().send(call).http)
    }

    package func size(of key: ObjectKey) async throws(EngineError) -> Int? { try await head(key)?.size }

    /// What Get Blob Properties tells; nil when there is no such blob.
    func head(_ key: ObjectKey) async throws(EngineError) -> AzureHead? {
        let call = ObjectCall(method: "HEAD", object: prefix.name(of: key), what: "look at \(key) in \(place)")
        let transport = try transport()
        let reply = try await transport.send(call, accepting: [404])
        guard try isThere(reply, call, transport) else { return nil }
        return try AzureHead(reply.http, of: "\(key) in \(place)")
    }

    package func delete(_ key: ObjectKey) async throws(EngineError) {
        var call = ObjectCall(method: "DELETE", object: prefix.name(of: key), what: "delete \(key) from \(place)")
        call.headers = [HTTPHeader("x-ms-delete-snapshots", "include")]
        let transport = try transport()
        _ = try isThere(try await transport.send(call, accepting: [404]), call, transport)
    }

    /// Whether a blob was found.
    /// - Throws: when not even its container was.
    private func isThere(
        _ reply: ObjectReply, _ call: ObjectCall, _ transport: ObjectTransport<AzureService>
    ) throws(EngineError) -> Bool {
        guard reply.status == 404 else { return true }
        if let code = AzureProblem(reply.http).code, code.hasPrefix("Container") {
            throw transport.service.refusal(of: call, reply.http, at: clock())
        }
        return false
    }

    package func list(prefix text: String) async throws(EngineError) -> [ListedObject] {
        try await AzureListing(transport: transport(), prefix: prefix, place: place).objects(text)
    }

    package func close() async { connection.withLock { $0 = nil } }

    /// For messages.
    var place: String { "the container \(settings.container) of \(settings.account) at \(address.origin)" }

    private func transport() throws(EngineError) -> ObjectTransport<AzureService> {
        guard let transport = connection.withLock({ $0 }) else {
            throw EngineError(.bug, "\(place) is used before it is opened")
        }
        return transport
    }
}
