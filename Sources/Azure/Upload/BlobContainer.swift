import Engine
import Targets
import Wire

/// The container whose page blobs disks go through, or end as.
struct BlobContainer: Sendable {
    private static let runHeader = "x-ms-meta-ahvaultrun"

    private let service: AzureService
    private let transport: ObjectTransport<AzureService>
    /// Its address, without a signature.
    let place: String

    init(_ subscription: AzureSubscription) throws(EngineError) {
        let surroundings = subscription.surroundings
        service = try Self.service(subscription)
        transport = ObjectTransport(
            service, trust: surroundings.trust, parallelism: subscription.settings.connections,
            policy: surroundings.policy, clock: surroundings.clock, logger: surroundings.logger)
        place = String(service.url(of: "").dropLast())
    }

    private static func service(_ subscription: AzureSubscription) throws(EngineError) -> AzureService {
        if let secret = subscription.settings.container {
            return try signed(try subscription.context.reveal(secret))
        }
        guard let choice = subscription.settings.pageBlob else { throw EngineError(.bug, "no container is configured") }
        let address = try HTTPAddress(
            choice.endpoint ?? "https://" + (choice.isInPath ? "" : choice.account + ".") + "blob."
                + subscription.endpoints.storageSuffix, key: "endpoint")
        let credentials: AzureCredentials
        if let key = choice.key {
            credentials = .key(try SharedKey(account: choice.account, key: try subscription.context.reveal(key)))
        } else {
            guard address.isSecure || address.isLoopback else {
                throw EngineError(.configuration, "`endpoint`: a token goes to an https address only")
            }
            credentials = .token(try subscription.tokens(for: EntraTokens.storage))
        }
        return AzureService(
            address, account: choice.account, container: choice.container, isInPath: choice.isInPath, credentials)
    }

    /// - Parameter text: the container's address with a shared access signature behind it.
    private static func signed(_ text: String) throws(EngineError) -> AzureService {
        let whole = text.filter { !$0.isWhitespace }
        let address = try HTTPAddress(String(whole.prefix { $0 != "?" }), key: "container")
        let parts = address.path.split(separator: "/").map(String.init)
        guard let container = parts.last, parts.count <= 2, whole.contains("?") else {
            throw EngineError(
                .configuration, "`container`: write https://ACCOUNT.blob.core.windows.net/CONTAINER?sv=…&sig=…")
        }
        guard address.isSecure || address.isLoopback else {
            throw EngineError(.configuration, "`container`: a shared access signature goes to an https address only")
        }
        let account = parts.count == 2 ? parts[0] : String(address.host.prefix { $0 != "." })
        return AzureService(
            try HTTPAddress(address.origin, key: "container"), account: account, container: container,
            isInPath: parts.count == 2, .signature(try SharedAccessSignature(whole)))
    }

    func id(of blob: String) -> ResourceID { ResourceID(kind: .blob, text: service.url(of: blob), name: blob) }

    /// Which run made a blob.
    /// - Returns: nil when there is no such blob; empty when it is somebody else's.
    func run(of blob: String) async throws(EngineError) -> String? {
        let call = ObjectCall(method: "HEAD", object: blob, what: "look at \(place)/\(blob)")
        let reply = try await transport.send(call, accepting: [404])
        guard reply.status == 404 else { return reply.http.value(of: Self.runHeader) ?? "" }
        if let code = AzureProblem(reply.http).code, code.hasPrefix("Container") {
            throw transport.service.refusal(of: call, reply.http, at: transport.serverTime)
        }
        return nil
    }

    /// Makes a page blob of zeros.
    /// - Throws: `.alreadyExists` when another is there.
    func make(_ blob: String, size: UInt64, run: String) async throws(EngineError) {
        var call = ObjectCall(method: "PUT", object: blob, what: "create \(place)/\(blob)")
        call.headers = [
            HTTPHeader("x-ms-blob-type", "PageBlob"), HTTPHeader("x-ms-blob-content-length", "\(size)"),
            HTTPHeader("x-ms-blob-content-type", "application/octet-stream"), HTTPHeader("If-None-Match", "*"),
            HTTPHeader(Self.runHeader, run),
        ]
        call.body = CallBody([])
        let reply = try await transport.send(call, accepting: [409, 412])
        if reply.http.isSuccess { return }
        // The answer to an earlier attempt may have been lost.
        if try await self.run(of: blob) == run { return }
        throw EngineError(.alreadyExists, "\(place)/\(blob) is there already: remove it, or choose another name")
    }

    /// Removes a blob of this run; one that is not there, or another's, stays as it is.
    func remove(_ blob: String, run: String) async throws(EngineError) {
        guard try await self.run(of: blob) == run else { return }
        let call = ObjectCall(method: "DELETE", object: blob, what: "remove \(place)/\(blob)")
        _ = try await transport.send(call, accepting: [404])
    }

    func pages(of blob: String) -> any PageStore {
        BlobPages(name: "\(place)/\(blob)", object: blob, transports: [transport])
    }
}
