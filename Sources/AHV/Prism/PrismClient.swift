import Engine
import Logging
import Wire

/// Prism Central's REST API: authorized calls, lists, versions, state tokens.
final class PrismClient: Sendable {
    let transport: PrismTransport
    let versions = ServerVersions()
    private let session: PrismSession
    /// Prism's clock, in which expiry times are meant.
    var now: Timestamp { clock.now }
    private let clock = PrismClock()
    var limits: PrismLimits { transport.limits }
    var logger: Logger { transport.logger }

    init(_ transport: PrismTransport, _ account: PrismSession.Account) {
        self.transport = transport
        session = PrismSession(account)
    }

    /// Sends a call to the path as it is.
    /// - Throws: what the answer means, if it is not a success.
    func send(_ call: PrismCall) async throws(PrismError) -> PrismReply {
        let (headers, isCookie) = session.authorization
        var reply = try await transport.send(call, authorization: headers)
        if reply.status == 401, isCookie {
            session.drop()
            reply = try await transport.send(call, authorization: session.authorization.headers)
        }
        if reply.status < 400 { session.keep(reply) }
        clock.learn(from: reply)
        return try PrismReply(reply, of: call)
    }

    /// The path of a call in the version of its namespace that both sides know.
    func path(_ namespace: Namespace, _ rest: String) async throws(PrismError) -> String {
        let version = try await versions.version(of: namespace, at: self)
        return "/api/\(namespace.rawValue)/\(version)/\(rest)"
    }

    func get(
        _ namespace: Namespace, _ rest: String, query: [(name: String, value: String)] = []
    ) async throws(PrismError) -> PrismReply {
        try await send(PrismCall(path: path(namespace, rest), query: query))
    }

    /// The object at a path.
    /// - Throws: `notFound`; `failed` if the answer holds no object.
    func object(_ namespace: Namespace, _ rest: String) async throws(PrismError) -> JSONValue {
        let reply = try await get(namespace, rest)
        guard let data = reply.data, case .object = data else {
            throw PrismError(.failed, "Prism answered without an object for \(namespace.rawValue) \(rest)")
        }
        return data
    }

    /// As `object`, nil if there is none.
    func objectIfPresent(_ namespace: Namespace, _ rest: String) async throws(PrismError) -> JSONValue? {
        do throws(PrismError) {
            return try await object(namespace, rest)
        } catch {
            if error.isMissing { return nil }
            throw error
        }
    }

    /// Every item of a list, each once, whatever moves between pages meanwhile. Items that the server had to cut short
    /// are read one by one, from below the list's own path.
    func list(
        _ namespace: Namespace, _ rest: String, filter: String? = nil, orderBy: String? = nil,
        id: (JSONValue) -> String? = \.extID
    ) async throws(PrismError) -> [JSONValue] {
        let size = 100
        var found: [JSONValue] = []
        var seen: Set<String> = []
        var received = 0
        for page in 0..<10_000 {
            var query = [(name: "$page", value: String(page)), (name: "$limit", value: String(size))]
            if let filter { query.append((name: "$filter", value: filter)) }
            if let orderBy { query.append((name: "$orderby", value: orderBy)) }
            let reply = try await get(namespace, rest, query: query)
            var items = reply.items
            for position in reply.truncatedPositions {
                guard let id = items[position].extID else { continue }
                items[position] = try await object(namespace, "\(rest)/\(PrismCall.segment(id))")
            }
            received += items.count
            for item in items {
                if let id = id(item), !seen.insert(id).inserted { continue }
                found.append(item)
            }
            let isWhole = reply.total.map { page * size + items.count >= $0 || received >= $0 } ?? (items.count < size)
            if items.isEmpty || isWhole { return found }
        }
        throw PrismError(.failed, "the list \(rest) does not end")
    }
}

/// A part of the API with versions of its own.
enum Namespace: String, Sendable, CaseIterable {
    case clusters = "clustermgmt"
    case machines = "vmm"
    case protection = "dataprotection"
    case volumes = "volumes"
    case prism = "prism"
    case networking = "networking"

    /// A list that every version has.
    var probe: String {
        switch self {
        case .clusters: "config/clusters"
        case .machines: "content/images"
        case .protection: "config/recovery-points"
        case .volumes: "config/volume-groups"
        case .prism: "config/categories"
        case .networking: "config/subnets"
        }
    }
}
