import Logging

/// The way of one request through Prism: who asks, for what, may they, and in which form is it answered.
extension World {
    /// Answers one request to Prism Central.
    func respond(toCentral request: WebRequest) async -> WebResponse {
        await sweep()
        var headers: [(name: String, value: String)] = []
        let user: String
        let now = Timestamp.now()
        if let known = sessions.user(of: request, now: now) {
            user = known
        } else if let key = request.headers["x-ntnx-api-key"] {
            guard let owner = lab.users.first(where: { $0.apiKey == key }) else { return WebResponse(status: 401) }
            user = owner.name
        } else if let name = basicUser(request) {
            user = name
            headers = sessions.begin(user, seconds: settings.sessionSeconds, now: now).map { ("Set-Cookie", $0) }
        } else {
            return WebResponse(status: 401)
        }
        if request.path.first == "simulator" { return await respond(toAdmin: request) }
        var response = await call(request, Router.central, user: user, cluster: nil)
        response.headers += headers
        return response
    }

    /// Answers one request to the Prism Element of a cluster.
    func respond(toElement cluster: String, _ request: WebRequest) async -> WebResponse {
        await sweep()
        return await call(request, Router.element, user: "element", cluster: cluster)
    }

    private func basicUser(_ request: WebRequest) -> String? {
        guard let field = request.headers["authorization"], field.hasPrefix("Basic "),
            let pair = Base64.decode(field.dropFirst(6)).map({ String(decoding: $0, as: UTF8.self) }),
            let colon = pair.firstIndex(of: ":")
        else { return nil }
        let password = pair[pair.index(after: colon)...]
        return lab.users.first { $0.name == pair[..<colon] && $0.password == password }?.name
    }

    private func newestMinor(_ namespace: String) -> Int { (settings.versions[namespace] ?? settings.version).minor }

    private func call(_ request: WebRequest, _ router: Router, user: String, cluster: String?) async -> WebResponse {
        let unserved = WebResponse(status: 404, headers: [("Content-Type", "text/html")], body: Array("Not Found".utf8))
        if cluster == nil, let answer = versionAnswer(request, router) { return answer }
        guard case .route(let route, let minor, let parameters) = router.match(request.method, request.path) else {
            return unserved
        }
        if cluster == nil && minor > newestMinor(route.namespace) { return unserved }
        calls[route.operation, default: 0] += 1
        let hits = faults.hits(route.operation)
        for fault in hits where fault.seconds > 0 { try? await Task.sleep(for: .seconds(fault.seconds)) }
        let envelope = Envelope(route: route, request: request, minor: minor, settings: settings)
        let limits = limited(route, user)
        var call = APICall(
            route: route, minor: minor, parameters: parameters, request: request, body: [:], user: user,
            cluster: cluster)
        call.taskFault = hits.compactMap(\.task).first
        var response: WebResponse
        do {
            if limits.isOver { throw APIError.message(429, "%-42900", "RATE_LIMIT_EXCEEDED", "Too many requests.") }
            if let error = hits.first(where: { !$0.after })?.error { throw error }
            response = try await answer(&call, envelope)
            if let error = hits.first(where: \.after)?.error { throw error }
        } catch let error as APIError {
            response = envelope.response(error)
        } catch {
            log.warning("a call failed", metadata: ["operation": "\(route.operation)", "error": "\(error)"])
            response = envelope.response(.message(500, "%-50000", "INTERNAL_ERROR", "\(error)"))
        }
        response.headers += limits.headers
        log.debug(
            "call",
            metadata: ["operation": "\(route.operation)", "status": "\(response.status)", "path": "\(request.rawPath)"])
        return response
    }

    private func answer(_ call: inout APICall, _ envelope: Envelope) async throws -> WebResponse {
        let request = call.request
        var replayKey: String?
        if request.method != "GET" {
            guard let id = request.headers["ntnx-request-id"], (1...64).contains(id.count) else {
                throw APIError.message(
                    400, "PLAT-10003", "MISSING_REQUEST_ID", "The header NTNX-Request-Id is missing or malformed.")
            }
            let key = ReplayCache.key(request, id: id)
            if let earlier = replays[key] { return earlier }
            replayKey = key
        }
        if let type = call.route.body { call.body = try body(of: call, type: type) }
        call.refusal = try checkPrecondition(call)
        let response = try envelope.response(try await call.route.handler(self, call))
        if let replayKey { replays.keep(response, for: replayKey) }
        return response
    }

    private func body(of call: APICall, type: String) throws -> JSONValue {
        let bytes = call.request.body.isEmpty ? Array("{}".utf8) : call.request.body
        let body: JSONValue
        do {
            body = try JSONValue.parse(bytes)
        } catch {
            throw APIError.body("", "the body is no JSON: \(error)")
        }
        let violations = Schema.prism.violations(of: body, type: type, minor: call.minor)
        if !violations.isEmpty { throw APIError(status: 400, body: .schema(violations, location: "request body")) }
        return body.withoutNulls
    }

    /// - Returns: how the task must fail, when a stale ETag is only found out by it.
    private func checkPrecondition(_ call: APICall) throws(APIError) -> TaskFailure? {
        guard case .matches(let kind, let parameter) = call.route.precondition else { return nil }
        let entity = try find(kind, call[parameter])
        guard let sent = call.request.headers["if-match"] else {
            if !settings.strictEntityTags && kind != .vm { return nil }
            throw .message(428, "PLAT-10004", "MISSING_ETAG_HEADER", "The header If-Match is missing.")
        }
        guard EntityTag.isWellFormed(sent) else {
            throw .message(412, "PLAT-10005", "INVALID_ETAG_HEADER", "The eTag header is not valid.")
        }
        if sent == entity.etag { return nil }
        let text = "If-Match header value \(sent) does not match the current state of the entity."
        switch settings.staleTag {
        case .refuse: throw .message(412, "VMM-30303", "VM_ETAG_MISMATCH", text)
        case .failTask: return TaskFailure(code: "VMM-30303", group: "VM_ETAG_MISMATCH", message: text)
        }
    }

    private func versionAnswer(_ request: WebRequest, _ router: Router) -> WebResponse? {
        guard request.path.count == 4, request.path[2...] == ["unversioned", "info"],
            router.namespaces.contains(request.path[1]), newestMinor(request.path[1]) >= 2,
            ["OPTIONS", "GET"].contains(request.method)
        else { return nil }
        calls["getVersion", default: 0] += 1
        return .json(200, ["data": .string("v4.\(newestMinor(request.path[1]))")])
    }

    private func limited(_ route: Route, _ user: String) -> (isOver: Bool, headers: [(name: String, value: String)]) {
        let now = Timestamp.now()
        let all = limiter.count("user \(user)", limit: settings.requestsPerSecond, now: now)
        let limit = settings.operationsPerSecond[route.operation] ?? 0
        let own = limiter.count(route.operation, limit: limit, now: now)
        let headers: [(name: String, value: String)] = [
            ("X-Ratelimit-Limit", "\(all.limit)"), ("X-Ratelimit-Remaining", "\(max(0, all.remaining))"),
            ("X-Ratelimit-Reset", "\(all.remaining < 0 ? 1 : 0)"), ("X-Api-Ratelimit-Limit", "\(own.limit)"),
            ("X-Api-Ratelimit-Remaining", "\(max(0, own.remaining))"),
            ("X-Api-Ratelimit-Reset", "\(own.remaining < 0 ? 1 : 0)"),
            ("X-Api-Ratelimit-Refresh-Period-Seconds", "1"),
        ]
        return (all.remaining < 0 || own.remaining < 0, headers)
    }
}
