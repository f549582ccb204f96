/// Azure Resource Manager, and the providers of compute and network behind it: one request after the other.
actor Cloud {
    let settings: CloudSettings
    let accounts: [AzureSettings.Account]
    let tenant: String
    let store: Store
    let grants: DiskGrants
    var registered: Set<String>
    /// Resource groups by name in lower case.
    var groups: [String: JSON] = [:]
    /// Resources by the key of their id.
    var resources: [String: Resource] = [:]
    var operations: [String: LongOperation] = [:]
    private var budget: Budget

    init(settings: AzureSettings, store: Store, grants: DiskGrants) {
        self.settings = settings.cloud
        accounts = settings.accounts
        tenant = settings.tenant
        self.store = store
        self.grants = grants
        registered = Set(settings.cloud.registered.map { $0.lowercased() })
        budget = Budget(limit: settings.cloud.writes, seconds: settings.cloud.windowSeconds)
        for (name, location) in settings.cloud.groups {
            groups[name.lowercased()] = Self.group(
                name, location: location, tags: .null, subscription: settings.cloud.subscription)
        }
    }

    /// Does what an authorized request asks for.
    ///
    /// - Throws: `AzureError`.
    func answer(_ request: ManagementRequest) async throws(AzureError) -> Answer {
        settle(request.now)
        let left = try budget.take(request.call.method, now: request.now)
        do throws(AzureError) {
            try Self.checkVersion(request.call)
            var answer = try await dispatch(request)
            answer.headers.append(left)
            return answer
        } catch {
            throw error.sending(left.name, left.value)
        }
    }

    private func dispatch(_ request: ManagementRequest) async throws(AzureError) -> Answer {
        switch (request.path.asked, request.call.method) {
        case (.subscriptions, "GET"): return list([subscription], request)
        case (.subscription, "GET"): return .json(200, subscription)
        case (.locations, "GET"): return list(settings.regions.map(location), request)
        case (.providers, "GET"): return list(ResourceKind.namespaces.map(provider), request)
        case (.provider(let name), "GET"): return .json(200, try knownProvider(name))
        case (.registration(let name), "POST"): return .json(200, try register(name))
        case (.groups, "GET"): return list(groups.keys.sorted().compactMap { groups[$0] }, request)
        case (.group(let name), _): return try group(name, request)
        case (.resources(let group), "GET"): return try resources(in: group, request)
        case (.list(let kind, let group, let parent), "GET"): return try list(kind, group, parent, request)
        case (.resource(let id), "PUT"): return try await put(id, request)
        case (.resource(let id), "GET"): return .json(200, try shown(id, request))
        case (.resource(let id), "PATCH"): return try update(id, request)
        case (.resource(let id), "DELETE"): return try await delete(id, request)
        case (.action(let id, let name), _): return try await act(name.lowercased(), id, request)
        case (.skus, "GET"): return list(try skus(request), request)
        case (.sizes(let name), "GET"): return list(try sizes(name), request)
        case (.usages(let namespace, let name), "GET"): return list(try usages(namespace, name), request)
        case (.operation(let id, let isResult), "GET"): return try poll(id, isResult, request)
        default:
            throw AzureError(405, "MethodNotAllowed", "The method \(request.call.method) is not allowed here.")
        }
    }

    /// `2024-07-01`, or with `-preview`.
    private static func checkVersion(_ call: Call) throws(AzureError) {
        guard let version = call.parameter("api-version"), !version.isEmpty else {
            throw AzureError(
                400, "MissingApiVersionParameter",
                "The api-version query parameter (?api-version=) is required for all requests.")
        }
        let date = version.hasSuffix("-preview") ? String(version.dropLast("-preview".count)) : version
        guard date.count == 10, Instant(isoDate: date) != nil, date >= "2015-01-01" else {
            throw AzureError(400, "InvalidApiVersionParameter", "The api-version '\(version)' is invalid.")
        }
    }

    private func act(_ name: String, _ id: ResourceID, _ request: ManagementRequest) async throws(AzureError) -> Answer
    {
        guard resources[id.key] != nil else { throw try missing(id) }
        switch (id.kind, name, request.call.method) {
        case (.disk, "begingetaccess", "POST"): return try beginAccess(id, request)
        case (.disk, "endgetaccess", "POST"): return try await endAccess(id, request)
        case (.virtualMachine, "instanceview", "GET"): return .json(200, instanceView(id))
        case (.virtualMachine, _, "POST"): return try power(name, id, request)
        default: throw .noSuchPath(request.call.rawPath)
        }
    }
}
