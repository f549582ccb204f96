import Engine
import Targets
import Wire

/// An operation that goes on after its request was answered, and how its end is learned: Azure Resource Manager's rules for
/// asynchronous operations. The first of `Azure-AsyncOperation`, `Location` and `provisioningState` that is there decides.
struct LongOperation: Sendable {
    let transport: ObjectTransport<ResourceService>
    let policy: HTTPRetryPolicy
    /// What started it.
    let call: ObjectCall
    /// What that was answered with.
    let first: HTTPReply

    /// The pause between two questions, when no answer says another.
    static let usualPause = Duration.seconds(5)
    private static let longestPause = Duration.seconds(120)
    /// No operation of an export takes longer.
    private static let limit = Duration.seconds(2 * 3600)
    /// How often an operation that was just begun may be unknown.
    private static let mostUnknown = 5

    /// Waits until it has ended.
    /// - Returns: what it gives; null when it gives nothing.
    /// - Throws: what it failed with; `.timedOut`.
    @discardableResult
    func end() async throws(EngineError) -> JSONValue {
        if let address = first.value(of: "Azure-AsyncOperation") {
            let status = try await ended(address)
            if call.method != "POST" { return .null }
            if let output = status["properties"]?["output"], output != .null { return output }
            guard let location = first.value(of: "Location") else { return .null }
            return try await located(location)
        }
        if let location = first.value(of: "Location"), [201, 202].contains(first.status) {
            return try await located(location)
        }
        let json = try ResourceClient.json(first, call)
        guard let state = json["properties"]?["provisioningState"]?.string, !Self.isFinal(state) else {
            try checkState(json)
            return json
        }
        return try await provisioned()
    }

    /// Asks for the operation's status until it is a final one.
    private func ended(_ address: String) async throws(EngineError) -> JSONValue {
        try await poll(address, wish: first) { reply throws(EngineError) in
            let json = try ResourceClient.json(reply, call)
            guard let status = json["status"]?.string, Self.isFinal(status) else { return nil }
            guard status == "Succeeded" else { throw failure(ResourceProblem(json["error"]), status) }
            return json
        }
    }

    /// Asks where the result is to be until it is there.
    private func located(_ address: String) async throws(EngineError) -> JSONValue {
        try await poll(address, wish: first) { reply throws(EngineError) in
            reply.status == 202 ? nil : try ResourceClient.json(reply, call)
        }
    }

    /// Asks for the resource itself.
    private func provisioned() async throws(EngineError) -> JSONValue {
        let version = call.query.first { $0.name == "api-version" }?.value ?? ""
        return try await poll(call.object, version: version, wish: first) { reply throws(EngineError) in
            let json = try ResourceClient.json(reply, call)
            guard let state = json["properties"]?["provisioningState"]?.string, !Self.isFinal(state) else {
                try checkState(json)
                return json
            }
            return nil
        }
    }

    private func poll(
        _ address: String, version: String? = nil, wish: HTTPReply,
        _ read: (HTTPReply) throws(EngineError) -> JSONValue?
    ) async throws(EngineError) -> JSONValue {
        let begin = policy.elapsed()
        var last = wish
        var unknown = 0
        var question = ObjectCall(method: "GET", object: address, what: call.what)
        if let version { question.query = [("api-version", version)] }
        while true {
            do {
                try await policy.wait(Self.pause(last))
            } catch {
                throw EngineError(.cancelled, "cancelled: \(call.what)")
            }
            let reply = try await transport.send(question, accepting: unknown < Self.mostUnknown ? [404] : [])
            if reply.status == 404 {
                unknown += 1
            } else if let result = try read(reply.http) {
                return result
            }
            last = reply.http
            // An operation may be asked for at another address from now on.
            if let next = last.value(of: "Location"), reply.status == 202 { question.object = next }
            guard policy.elapsed() - begin < Self.limit else {
                throw EngineError(
                    .timedOut, "cannot \(call.what): Azure has been at it for two hours; look at it in the portal")
            }
        }
    }

    /// `Retry-After` in seconds, or the usual pause.
    static func pause(_ reply: HTTPReply) -> Duration {
        guard let seconds = reply.value(of: "Retry-After").flatMap({ Int64($0) }), seconds >= 0 else {
            return usualPause
        }
        return min(.seconds(seconds), longestPause)
    }

    static func isFinal(_ status: String) -> Bool { ["Succeeded", "Failed", "Canceled"].contains(status) }

    private func checkState(_ json: JSONValue) throws(EngineError) {
        guard let state = json["properties"]?["provisioningState"]?.string, state != "Succeeded" else { return }
        throw failure(nil, state)
    }

    private func failure(_ problem: ResourceProblem?, _ status: String) -> EngineError {
        guard let problem else { return EngineError(.failed, "cannot \(call.what): the operation ended as \(status)") }
        let (kind, advice) = problem.meaning
        return EngineError(kind, "cannot \(call.what): \(problem.words)" + (advice.map { "; \($0)" } ?? ""))
    }
}
