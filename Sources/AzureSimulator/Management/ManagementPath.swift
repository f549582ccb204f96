/// What a request to Azure Resource Manager is about.
enum Asked: Sendable {
    case subscriptions
    case subscription
    case locations
    case providers
    case provider(String)
    case registration(String)
    case groups
    case group(String)
    case resources(group: String?)
    case list(ResourceKind, group: String?, parent: String?)
    case resource(ResourceID)
    case action(ResourceID, String)
    case skus
    case sizes(String)
    case usages(namespace: String, location: String)
    case operation(String, isResult: Bool)
}

/// The path of a request to Azure Resource Manager, taken apart.
struct ManagementPath: Sendable {
    /// Empty when none is named.
    let subscription: String
    let asked: Asked
    private let method: String

    /// Whether a request goes to Azure Resource Manager. No account can have this name.
    static func isManagement(_ call: Call) -> Bool { call.account.lowercased() == "subscriptions" }

    /// - Throws: `AzureError`, when there is nothing of that path.
    init(_ call: Call) throws(AzureError) {
        var pieces: [String] = []
        for piece in call.rawPath.split(separator: "/") {
            guard let text = Percent.decode(piece) else { throw .noSuchPath(call.rawPath) }
            pieces.append(text)
        }
        subscription = pieces.count > 1 ? pieces[1] : ""
        method = call.method
        let rest = Array(pieces.dropFirst(2))
        if rest.isEmpty {
            asked = subscription.isEmpty ? .subscriptions : .subscription
            return
        }
        let words = rest.map { $0.lowercased() }
        let found = Self.short(rest, words) ?? Self.long(rest, words, call, subscription)
        guard let found else { throw .noSuchPath(call.rawPath) }
        asked = found
    }

    private static func short(_ rest: [String], _ words: [String]) -> Asked? {
        switch (words.count, words[0]) {
        case (1, "locations"): .locations
        case (1, "resources"): .resources(group: nil)
        case (1, "providers"): .providers
        case (2, "providers"): .provider(rest[1])
        case (3, "providers") where words[2] == "register": .registration(rest[1])
        case (1, "resourcegroups"): .groups
        case (2, "resourcegroups"): .group(rest[1])
        case (3, "resourcegroups") where words[2] == "resources": .resources(group: rest[1])
        case (2, "operationresults"): .operation(rest[1], isResult: true)
        default: nil
        }
    }

    private static func long(_ rest: [String], _ words: [String], _ call: Call, _ subscription: String) -> Asked? {
        if words[0] == "providers" {
            return words[2] == "locations"
                ? ofLocation(rest, words, call)
                : words[2] == "skus" && words.count == 3
                    ? .skus
                    : words.count == 3
                        ? ResourceKind.find(rest[1], rest[2]).map { .list($0, group: nil, parent: nil) } : nil
        }
        guard words[0] == "resourcegroups", words.count > 4, words[2] == "providers" else { return nil }
        return inGroup(rest[1], Array(rest.dropFirst(3)), call, subscription)
    }

    private static func ofLocation(_ rest: [String], _ words: [String], _ call: Call) -> Asked? {
        switch (words.count, words.count > 4 ? words[4] : "") {
        case (5, "vmsizes"): .sizes(rest[3])
        case (5, "usages"): .usages(namespace: rest[1], location: rest[3])
        case (6, "operations"), (6, "diskoperations"):
            .operation(rest[5], isResult: call.parameter("monitor") == "true")
        case (6, "operationresults"): .operation(rest[5], isResult: true)
        default: nil
        }
    }

    private static func inGroup(_ group: String, _ rest: [String], _ call: Call, _ subscription: String) -> Asked? {
        guard let kind = ResourceKind.find(rest[0], rest[1]), kind != .subnet else { return nil }
        if rest.count == 2 { return .list(kind, group: group, parent: nil) }
        let id = ResourceID(subscription: subscription, group: group, kind: kind, name: rest[2])
        if rest.count == 3 { return .resource(id) }
        if kind == .virtualNetwork, rest[3].lowercased() == "subnets" {
            if rest.count == 4 { return .list(.subnet, group: group, parent: rest[2]) }
            guard rest.count == 5 else { return nil }
            return .resource(
                ResourceID(subscription: subscription, group: group, kind: .subnet, parent: rest[2], name: rest[4]))
        }
        return rest.count == 4 ? .action(id, rest[3]) : nil
    }

    // MARK: Names

    private static let actions = [
        "begingetaccess": "BeginGetAccess", "endgetaccess": "EndGetAccess", "start": "StartVirtualMachine",
        "poweroff": "PowerOffVirtualMachine", "deallocate": "DeallocateVirtualMachine",
        "instanceview": "GetInstanceView",
    ]

    /// The names of all operations, for faults.
    static let operations: Set<String> = {
        var names: Set<String> = [
            "ListSubscriptions", "GetSubscription", "ListLocations", "ListProviders", "GetProvider",
            "RegisterProvider", "ListResourceGroups", "ListResources", "ListSKUs", "ListSizes", "ListUsages",
            "GetOperation",
        ]
        names.formUnion(actions.values)
        for noun in ResourceKind.allCases.map(\.rawValue) + ["ResourceGroup"] {
            names.formUnion(["Put", "Get", "Update", "Delete"].map { $0 + noun })
        }
        return names.union(ResourceKind.allCases.map { "List" + $0.plural })
    }()

    /// The name of the operation, as faults and the log have it.
    var operation: String {
        let verb = ["PUT": "Put", "PATCH": "Update", "DELETE": "Delete"][method] ?? "Get"
        return switch asked {
        case .subscriptions: "ListSubscriptions"
        case .subscription: "GetSubscription"
        case .locations: "ListLocations"
        case .providers: "ListProviders"
        case .provider: "GetProvider"
        case .registration: "RegisterProvider"
        case .groups: "ListResourceGroups"
        case .group: verb + "ResourceGroup"
        case .resources: "ListResources"
        case .list(let kind, _, _): "List" + kind.plural
        case .resource(let id): verb + id.kind.rawValue
        case .action(_, let name): Self.actions[name.lowercased()] ?? ""
        case .skus: "ListSKUs"
        case .sizes: "ListSizes"
        case .usages: "ListUsages"
        case .operation: "GetOperation"
        }
    }

    /// The action of a role that it needs, and its scope; nil when every principal may do it.
    var right: (action: String, scope: String)? {
        let whole = "/subscriptions/\(subscription)"
        let verb = ["PUT": "write", "PATCH": "write", "DELETE": "delete"][method] ?? "read"
        switch asked {
        case .subscriptions, .operation: return nil
        case .subscription, .locations: return ("Microsoft.Resources/subscriptions/read", whole)
        case .providers: return ("Microsoft.Resources/subscriptions/providers/read", whole)
        case .provider(let name): return ("\(name)/read", whole)
        case .registration(let name): return ("\(name)/register/action", whole)
        case .groups: return ("Microsoft.Resources/subscriptions/resourceGroups/read", whole)
        case .group(let name):
            return ("Microsoft.Resources/subscriptions/resourceGroups/\(verb)", "\(whole)/resourceGroups/\(name)")
        case .resources(let group):
            return (
                "Microsoft.Resources/subscriptions/resources/read",
                group.map { "\(whole)/resourceGroups/\($0)" } ?? whole
            )
        case .list(let kind, let group, _):
            return ("\(kind.fullType)/read", group.map { "\(whole)/resourceGroups/\($0)" } ?? whole)
        case .resource(let id): return ("\(id.kind.fullType)/\(verb)", id.text)
        case .action(let id, let name):
            return ("\(id.kind.fullType)/\(name)/" + (method == "POST" ? "action" : "read"), id.text)
        case .skus: return ("Microsoft.Compute/skus/read", whole)
        case .sizes: return ("Microsoft.Compute/locations/vmSizes/read", whole)
        case .usages(let namespace, _): return ("\(namespace)/locations/usages/read", whole)
        }
    }
}
