import Engine
import Logging
import Wire

/// Sends calls to one server, repeating what the server or the network could not take.
struct PrismTransport: Sendable {
    /// `https://host:port`.
    let base: String
    let http: HTTPClient
    let rate: RequestRate
    let limits: PrismLimits
    let logger: Logger

    /// Sends a call until it gets a reply that is not transient. Repetitions carry the same request id.
    /// - Throws: connection errors that outlasted every repetition; `cancelled`.
    func send(_ call: PrismCall, authorization: [HTTPHeader]) async throws(PrismError) -> HTTPReply {
        var repetition = 0
        while true {
            try await rate.turn(for: call)
            let isLast = repetition >= limits.repetitions
            do throws(WireError) {
                let reply = try await http.send(
                    call.request(to: base, authorization: authorization, limits: limits))
                guard Self.isTransient(reply, call), !isLast else { return reply }
                logger.debug("\(call.title): status \(reply.status), trying again")
                try await sleep(max(limits.pause(repetition), Self.wish(reply)))
            } catch {
                guard error.isRetryable, !isLast else { throw PrismError(error).during(call.method + " \(base)") }
                logger.debug("\(call.title): \(error.message), trying again")
                do throws(WireError) { try await sleep(limits.pause(repetition)) } catch { throw .cancelled }
            }
            repetition += 1
        }
    }

    private func sleep(_ pause: Duration) async throws(WireError) {
        do {
            try await Task.sleep(for: pause)
        } catch {
            throw WireError(.cancelled, "cancelled")
        }
    }

    /// A write that ended in 500 may have been carried out, so only reads are repeated then.
    private static func isTransient(_ reply: HTTPReply, _ call: PrismCall) -> Bool {
        switch reply.status {
        case 408, 429, 502, 503, 504: true
        case 500: call.method == "GET"
        default: false
        }
    }

    /// The pause that the server asks for, at most a minute.
    private static func wish(_ reply: HTTPReply) -> Duration {
        let headers = ["Retry-After", "X-Api-Ratelimit-Reset", "X-Ratelimit-Reset"]
        let seconds = headers.compactMap { reply.value(of: $0).flatMap { Int($0) } }.first { $0 > 0 } ?? 0
        return .seconds(min(seconds, 60))
    }
}
