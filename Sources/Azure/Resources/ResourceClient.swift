import Engine
import Targets
import Wire

/// Reads and changes the resources of a subscription. Whatever starts an operation returns when that has ended.
struct ResourceClient: Sendable {
    let transport: ObjectTransport<ResourceService>
    let subscription: String
    let group: ResourceID
    let policy: HTTPRetryPolicy

    init(_ azure: AzureSubscription) throws(EngineError) {
        let surroundings = azure.surroundings
        policy = surroundings.policy
        subscription = azure.settings.subscription ?? ""
        group = .group(azure.settings.resourceGroup ?? "", in: subscription)
        transport = ObjectTransport(
            ResourceService(
                address: azure.endpoints.management, tokens: try azure.tokens(for: azure.endpoints.managementAudience)),
            trust: surroundings.trust, parallelism: 4, policy: policy, clock: surroundings.clock,
            logger: surroundings.logger)
    }

    /// - Returns: nil when there is no such resource.
    /// - Throws: `.configuration` when not even its resource group is there.
    func find(_ id: ResourceID) async throws(EngineError) -> JSONValue? {
        let call = call("GET", id, what: "look at \(id)")
        let reply = try await transport.send(call, accepting: [404])
        guard reply.status == 404 else { return try Self.json(reply.http, call) }
        let code = ResourceProblem(reply.http).code
        let isAbsent = id.kind == .resourceGroup ? code == "ResourceGroupNotFound" : code != "SubscriptionNotFound"
        if isAbsent, id.kind == .resourceGroup || code != "ResourceGroupNotFound" { return nil }
        throw transport.service.refusal(of: call, reply.http, at: transport.serverTime)
    }

    /// Makes a resource, or changes it to `body`.
    /// - Returns: the resource as it is then.
    func put(_ id: ResourceID, _ body: JSONValue) async throws(EngineError) -> JSONValue {
        var call = call("PUT", id, what: "create \(id)")
        call.body = CallBody(body.text)
        let reply = try await transport.send(call).http
        try await operation(reply, call).end()
        guard let made = try await find(id) else {
            throw EngineError(.failed, "cannot \(call.what): it vanished as soon as it was made")
        }
        return made
    }

    /// Does something with a resource.
    /// - Returns: what the operation gives; null when it gives nothing.
    func post(_ id: ResourceID, _ action: String, _ body: JSONValue? = nil) async throws(EngineError) -> JSONValue {
        var call = call("POST", id, what: "\(Self.words[action] ?? action) \(id)")
        call.object += "/" + action
        if let body { call.body = CallBody(body.text) }
        let reply = try await transport.send(call).http
        return try await operation(reply, call).end()
    }

    private static let words = [
        "beginGetAccess": "get access to", "endGetAccess": "end access to", "deallocate": "stop",
    ]

    /// Removes a resource; one that is not there is no error.
    func delete(_ id: ResourceID) async throws(EngineError) {
        let call = call("DELETE", id, what: "remove \(id)")
        let reply = try await transport.send(call, accepting: [404])
        guard reply.status != 404, reply.status != 204 else { return }
        try await operation(reply.http, call).end()
    }

    /// All items of a list, whatever number of pages it has.
    /// - Parameter path: below the subscription.
    func list(
        _ path: String, version: String, filter: String? = nil, what: String
    ) async throws(EngineError) -> [JSONValue] {
        var call = ObjectCall(method: "GET", object: "/subscriptions/\(subscription)/\(path)", what: what)
        call.query = [("api-version", version)] + (filter.map { [("$filter", $0)] } ?? [])
        call.limit = 64 << 20
        var items: [JSONValue] = []
        for _ in 0..<Self.mostPages {
            let json = try Self.json(try await transport.send(call).http, call)
            items += json["value"]?.array ?? []
            guard let next = json["nextLink"]?.string, !next.isEmpty else { return items }
            call.object = next
            call.query = []
        }
        throw EngineError(.failed, "cannot \(what): the list does not end")
    }

    private static let mostPages = 1000

    private func call(_ method: String, _ id: ResourceID, what: String) -> ObjectCall {
        ObjectCall(method: method, object: id.text, query: [("api-version", id.kind.version)], what: what)
    }

    private func operation(_ reply: HTTPReply, _ call: ObjectCall) -> LongOperation {
        LongOperation(transport: transport, policy: policy, call: call, first: reply)
    }

    static func json(_ reply: HTTPReply, _ call: ObjectCall) throws(EngineError) -> JSONValue {
        if reply.body.isEmpty { return .null }
        do {
            return try JSONValue(parsing: reply.body)
        } catch {
            throw EngineError(.failed, "cannot \(call.what): the answer is no JSON")
        }
    }
}
