package import Engine
package import Wire

/// What a kind of store adds to HTTP: signatures, and what its refusals mean.
package protocol ObjectService: Sendable {
    /// The request as it is sent now, signed. Called anew for each attempt.
    func request(for call: ObjectCall, at now: Timestamp) async throws(EngineError) -> HTTPRequest

    /// Whether the call was carried out.
    func isSuccess(_ reply: HTTPReply, of call: ObjectCall) -> Bool

    /// Whether a reply that is no success may turn out better a little later.
    func isTransient(_ reply: HTTPReply) -> Bool

    /// Whether the credentials were renewed because of this reply, so that the call is worth another attempt.
    func renews(after reply: HTTPReply) async throws(EngineError) -> Bool

    /// A reply that is no success as an error.
    func refusal(of call: ObjectCall, _ reply: HTTPReply, at now: Timestamp) -> EngineError
}

extension ObjectService {
    package func isSuccess(_ reply: HTTPReply, of call: ObjectCall) -> Bool { reply.isSuccess }

    package func renews(after reply: HTTPReply) async throws(EngineError) -> Bool { false }
}
