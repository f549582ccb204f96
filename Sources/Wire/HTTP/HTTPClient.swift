import Synchronization

/// Sends HTTP requests to servers that are trusted in one way, and keeps connections open for the next request.
///
/// Redirects are not followed, proxies of the environment are not used, cookies are the caller's own matter.
package final class HTTPClient: Sendable {
    package let trust: TLSTrust
    private let threads: WireThreads
    private let idle = Mutex<[HTTPConnection]>([])
    private let mostIdle: Int

    /// - Parameter connections: how many requests at once find an open connection: as many are kept when idle.
    package init(trust: TLSTrust, threads: WireThreads = .shared, connections: Int = 8) {
        self.trust = trust
        self.threads = threads
        mostIdle = connections
    }

    /// Sends one request and waits for the whole reply. Any HTTP status is a reply, not an error.
    ///
    /// A cancelled task aborts the transfer within a second. Memory that the request borrows is no longer touched when
    /// this returns, however it ends.
    /// - Throws: `unreachable`, `timedOut`, `untrusted`, `cancelled`, `connectionLost`, `protocolViolation`, `tooLarge`,
    ///   `configuration`.
    package func send(_ request: HTTPRequest) async throws(WireError) -> HTTPReply {
        let cancellation = Cancellation()
        let result = await withTaskCancellationHandler {
            await Self.result { () async throws(WireError) in
                try await self.threads.run { self.perform(request, cancellation) }
            }
        } onCancel: {
            cancellation.request()
        }
        return try result.get()
    }

    /// Asks the server at `url` for its certificate, without sending a request and without trusting it.
    /// - Throws: as `send`, apart from `untrusted`.
    package static func fingerprint(of url: String, connectTimeout: Duration) async throws(WireError)
        -> CertificateFingerprint
    {
        let stranger = HTTPClient(trust: .pinned([]))
        do {
            _ = try await stranger.send(HTTPRequest(method: "GET", url: url, connectTimeout: connectTimeout))
        } catch {
            if case .untrusted(let seen?) = error.kind { return seen }
            throw error
        }
        throw WireError(.configuration, "\(url) does not speak TLS: use an https address")
    }

    private func perform(_ request: HTTPRequest, _ cancellation: Cancellation) -> Result<HTTPReply, WireError> {
        do throws(WireError) {
            let connection = try takeConnection()
            let reply = try connection.perform(request, cancellation)
            idle.withLock { if $0.count < mostIdle { $0.append(connection) } }
            return .success(reply)
        } catch {
            return .failure(error)
        }
    }

    private func takeConnection() throws(WireError) -> HTTPConnection {
        if let connection = idle.withLock({ $0.popLast() }) { return connection }
        return try HTTPConnection(trust: trust)
    }

    private static func result<Value>(
        of body: () async throws(WireError) -> Value
    ) async -> Result<Value, WireError> {
        do throws(WireError) {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }
}

/// A wish to stop that one thread states and another obeys.
final class Cancellation: Sendable {
    private let isWanted = Atomic<Bool>(false)

    func request() { isWanted.store(true, ordering: .releasing) }

    var isRequested: Bool { isWanted.load(ordering: .acquiring) }
}
