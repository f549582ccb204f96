import Engine
import Logging
import Wire

@testable import Targets

extension S3Target {
    /// The headers that tell of an object.
    func lookAt(_ key: ObjectKey) async throws -> HTTPReply {
        try await ask(ObjectCall(method: "HEAD", object: prefix.name(of: key), what: "look at \(key)"))
    }

    /// Deletes one version of an object for good.
    func destroy(_ key: ObjectKey, version: String) async throws {
        var call = ObjectCall(method: "DELETE", object: prefix.name(of: key), what: "destroy \(key)")
        call.query = [("versionId", version)]
        _ = try await ask(call)
    }

    private func ask(_ call: ObjectCall) async throws -> HTTPReply {
        let context = PluginContext.test()
        let service = S3Service(
            try HTTPAddress(settings.endpoint ?? "", key: "endpoint"), bucket: settings.bucket,
            region: settings.region, style: settings.style, try S3Credentials(settings, in: context))
        let transport = ObjectTransport(
            service, trust: .systemAuthorities, parallelism: 1, policy: .once, clock: { .now() },
            logger: context.logger)
        return try await transport.send(call).http
    }
}
