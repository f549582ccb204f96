package import Engine
import Logging
import Synchronization
import Wire

/// A bucket of an S3 server, or a part of it: each object is an object there.
///
/// Nothing half-written is ever visible, since a store makes an object of a whole body only; the server compares each
/// body with its MD5. Of two puts of one key one succeeds where the server honours `If-None-Match` on PUT. Where it
/// does not, a put looks first and reads back what won: writers that meet within that moment may both believe that
/// they succeeded, which `capabilities` tells. Every name of a repository but its configuration's is made of random
/// bits or of its content, so that writers do not meet.
///
/// Crash story: a put that dies leaves nothing, or the parts of an upload that was not completed, which `sweep`
/// removes when nothing has come to it for a day.
package final class S3Target: Target {
    package static let name = "s3"
    package static let summary = "a bucket of Amazon S3, MinIO, SeaweedFS, Ceph or another S3 server"
    package static let usualLayers = [PluginChoice].patientRemoteLayers

    let settings: Settings
    let prefix: ObjectPrefix
    let partBytes: Int
    private let address: HTTPAddress
    private let trust: TLSTrust
    private let context: PluginContext
    private let policy: HTTPRetryPolicy
    private let clock: @Sendable () -> Timestamp
    private let connection = Mutex<ObjectTransport<S3Service>?>(nil)
    /// Whether the server honours `If-None-Match: *`; nil until that is known.
    private let isConditional: Mutex<Bool?>

    package convenience init(_ settings: Settings, in context: PluginContext) throws(EngineError) {
        try self.init(settings, in: context, policy: HTTPRetryPolicy(), clock: { .now() })
    }

    /// - Parameters: how failures are repeated, and what time it is.
    package init(
        _ settings: Settings, in context: PluginContext, policy: HTTPRetryPolicy,
        clock: @escaping @Sendable () -> Timestamp
    ) throws(EngineError) {
        try Self.check(settings)
        self.settings = settings
        self.context = context
        self.policy = policy
        self.clock = clock
        prefix = try ObjectPrefix(settings.prefix)
        partBytes = settings.partSize << 20
        address = try HTTPAddress(
            settings.endpoint ?? "https://s3.\(settings.region).amazonaws.com", key: "endpoint")
        trust = try settings.tls.trust(context)
        let isKnown: Bool? =
            switch settings.conditionalWrites {
            case .auto: nil
            case .yes: true
            case .no: false
            }
        isConditional = Mutex(isKnown)
    }

    private static func check(_ settings: Settings) throws(EngineError) {
        func wrong(_ what: String) -> EngineError { EngineError(.configuration, what) }
        let letters = settings.bucket.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || ".-_".contains($0)) }
        guard letters, (3...255).contains(settings.bucket.utf8.count) else {
            throw wrong("`bucket`: `\(settings.bucket)` is no bucket's name")
        }
        guard (1...64).contains(settings.parallelism) else { throw wrong("`parallelism` must be from 1 to 64") }
        guard (5...1024).contains(settings.partSize) else { throw wrong("`partSize` must be from 5 to 1024 (MiB)") }
        guard (settings.accessKey == nil) == (settings.secretKey == nil) else {
            throw wrong("`accessKey` and `secretKey` belong together: give both or neither")
        }
    }

    package var capabilities: TargetCapabilities {
        // Servers that put exactly one of two objects may still complete two uploads of parts at once, as SeaweedFS does.
        TargetCapabilities(
            hasAtomicCreate: isConditional.withLock { $0 } ?? true, hasAtomicUpload: false,
            parallelism: settings.parallelism)
    }

    package func open() async throws(EngineError) {
        let service = S3Service(
            address, bucket: settings.bucket, region: settings.region, style: settings.style,
            try S3Credentials(settings, in: context))
        let transport = ObjectTransport(
            service, trust: trust, parallelism: settings.parallelism, policy: policy, clock: clock,
            logger: context.logger)
        try await enter(transport)
        connection.withLock { $0 = transport }
        if isConditional.withLock({ $0 == nil }) {
            let probe = ConditionalWriteProbe(transport: transport, object: prefix.text + ".ahvault/conditional-writes")
            let answer = try await probe.run()
            isConditional.withLock { $0 = answer }
            if !answer {
                context.logger.notice("\(place) has no conditional writes: each put looks first and reads back")
            }
        }
    }

    /// Looks into the bucket, and makes it when it is missing and may be made.
    private func enter(_ transport: ObjectTransport<S3Service>) async throws(EngineError) {
        let look = ObjectCall(
            method: "GET", query: [("list-type", "2"), ("max-keys", "1"), ("prefix", prefix.text)],
            what: "open \(place)")
        guard settings.createBucket else {
            _ = try await transport.send(look)
            return
        }
        let reply = try await transport.send(look, accepting: [404])
        if reply.status == 404 { _ = try await transport.send(creation, accepting: [409]) }
    }

    private var creation: ObjectCall {
        var call = ObjectCall(method: "PUT", what: "make \(place)")
        if settings.region != "us-east-1" {
            let body =
                "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><LocationConstraint>"
                + settings.region + "</LocationConstraint></CreateBucketConfiguration>"
            call.body = CallBody(Array(body.utf8))
        }
        if settings.objectLock != nil {
            call.headers.append(HTTPHeader("x-amz-bucket-object-lock-enabled", "true"))
        }
        return call
    }

    package func put(_ key: ObjectKey, _ content: Buffer) async throws(EngineError) {
        try await S3Put(write: try write(key), content: content).run()
    }

    package func begin(_ key: ObjectKey) async throws(EngineError) -> any ObjectUpload { S3Upload(try write(key)) }

    private func write(_ key: ObjectKey) throws(EngineError) -> S3Write {
        S3Write(
            target: self, transport: try transport(), key: key,
            isConditional: isConditional.withLock { $0 } ?? false)
    }

    package func get(_ key: ObjectKey, _ range: Range<Int>?, into output: Buffer) async throws(EngineError) {
        let read = ObjectRead(name: "\(key) in \(place)", range: range, output: output)
        guard try await !read.isAnsweredBySize({ () async throws(EngineError) in try await self.size(of: key) })
        else { return }
        var call = ObjectCall(method: "GET", object: prefix.name(of: key), what: "read \(read.name)")
        call.space = read.space
        if let header = read.range { call.headers.append(HTTPHeader("Range", header)) }
        let reply = try await transport().send(call)
        try read.finish(reply.http)
    }

    package func size(of key: ObjectKey) async throws(EngineError) -> Int? { try await head(key)?.size }

    /// What a HEAD request tells of an object; nil when there is none.
    func head(_ key: ObjectKey) async throws(EngineError) -> S3Head? {
        let call = ObjectCall(method: "HEAD", object: prefix.name(of: key), what: "look at \(key) in \(place)")
        let reply = try await transport().send(call, accepting: [404])
        return reply.status == 404 ? nil : try S3Head(reply.http, of: "\(key) in \(place)")
    }

    package func delete(_ key: ObjectKey) async throws(EngineError) {
        let call = ObjectCall(method: "DELETE", object: prefix.name(of: key), what: "delete \(key) from \(place)")
        let transport = try transport()
        let reply = try await transport.send(call, accepting: [404])
        if reply.status == 404, S3Problem(reply.http).code == "NoSuchBucket" {
            throw transport.service.refusal(of: call, reply.http, at: clock())
        }
    }

    package func list(prefix text: String) async throws(EngineError) -> [ListedObject] {
        try await S3Listing(transport: transport(), prefix: prefix, place: place).objects(text)
    }

    package func sweep() async throws(EngineError) -> Int {
        try await S3UploadSweep(transport: transport(), prefix: prefix, place: place).run()
    }

    package func close() async { connection.withLock { $0 = nil } }

    /// For messages.
    var place: String { "the bucket \(settings.bucket) at \(address.origin)" }

    private func transport() throws(EngineError) -> ObjectTransport<S3Service> {
        guard let transport = connection.withLock({ $0 }) else {
            throw EngineError(.bug, "\(place) is used before it is opened")
        }
        return transport
    }
}
