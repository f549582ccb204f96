package import Engine
package import Logging
import Synchronization
package import Wire

/// Sends calls to one store, and repeats those whose failure may pass.
///
/// Only calls that may be carried out twice are given to it; for a put that must not replace an object the reply says
/// whether it was repeated.
package final class ObjectTransport<Service: ObjectService>: Sendable {
    package let service: Service
    private let http: HTTPClient
    private let policy: HTTPRetryPolicy
    private let clock: @Sendable () -> Timestamp
    private let logger: Logger
    private let serverClock = ServerClock()

    package init(
        _ service: Service, trust: TLSTrust, parallelism: Int, policy: HTTPRetryPolicy,
        clock: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        self.service = service
        self.policy = policy
        self.clock = clock
        self.logger = logger
        http = HTTPClient(trust: trust, threads: .bulk, connections: parallelism)
    }

    /// What time it is at the store, as far as its replies have told.
    package var serverTime: Timestamp { serverClock.now(clock()) }

    /// Sends a call until it succeeds, is refused for good, or patience ends.
    /// - Parameter accepting: statuses beside 2xx that are an answer and no error.
    /// - Throws: what the service makes of the last refusal; `.unreachable`, `.timedOut`, `.cancelled`, `.denied`.
    package func send(_ call: ObjectCall, accepting: Set<Int> = []) async throws(EngineError) -> ObjectReply {
        let begin = policy.elapsed()
        var attempt = 1
        var isRepeated = false
        var isRenewed = false
        while true {
            var request = try await service.request(for: call, at: clock())
            request.stall = policy.stall
            request.timeout = .seconds(3600)
            let failure: EngineError
            var wish: Duration?
            switch await http.outcome(of: request) {
            case .success(let reply):
                serverClock.learn(from: reply, at: clock())
                if service.isSuccess(reply, of: call)
                    || accepting.contains(reply.status) && !service.isTransient(reply)
                {
                    return ObjectReply(http: reply, isRepeated: isRepeated)
                }
                if !isRenewed, try await service.renews(after: reply) {
                    isRenewed = true
                    continue
                }
                failure = service.refusal(of: call, reply, at: clock())
                guard service.isTransient(reply) else { throw failure }
                if reply.status >= 500 || reply.status == 408 { isRepeated = true }
                wish = Self.wish(reply, at: clock())
            case .failure(let error):
                failure = EngineError(error, during: call.what)
                guard error.isRetryable else { throw failure }
                if error.kind != .unreachable { isRepeated = true }
            }
            guard call.isRepeated, let pause = policy.pause(after: attempt, since: begin, wish: wish) else {
                throw EngineError(
                    failure.kind, failure.message + " (tried \(attempt) times)", isRetryable: failure.isRetryable)
            }
            if attempt == 3 { logger.warning("\(failure); trying on") }
            do { try await policy.wait(pause) } catch { throw EngineError(.cancelled, "cancelled: \(call.what)") }
            attempt += 1
        }
    }

    /// How long the server asked to be left alone: a number of seconds, or a time.
    private static func wish(_ reply: HTTPReply, at now: Timestamp) -> Duration? {
        guard let text = reply.value(of: "Retry-After") else { return nil }
        if let seconds = Int64(text), (0...86_400).contains(seconds) { return .seconds(seconds) }
        guard let until = HTTPDate.read(text) else { return nil }
        return .milliseconds(max(0, until.milliseconds - now.milliseconds))
    }
}

extension HTTPClient {
    /// `send` with its error as a value.
    fileprivate func outcome(of request: HTTPRequest) async -> Result<HTTPReply, WireError> {
        do throws(WireError) {
            return .success(try await send(request))
        } catch {
            return .failure(error)
        }
    }
}
