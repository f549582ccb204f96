/// The id of a resource: a path without regard to case.
struct ResourceID: Sendable, Equatable {
    var subscription: String
    var group: String
    var kind: ResourceKind
    /// The virtual network of a subnet.
    var parent: String?
    var name: String

    var text: String {
        let start = "\(groupID)/providers/\(kind.namespace)"
        return parent.map { "\(start)/virtualNetworks/\($0)/\(kind.type)/\(name)" } ?? "\(start)/\(kind.type)/\(name)"
    }

    /// What equal ids have in common.
    var key: String { text.lowercased() }

    var groupID: String { "/subscriptions/\(subscription)/resourceGroups/\(group)" }

    /// The virtual network that a subnet is in.
    var network: ResourceID? {
        parent.map { ResourceID(subscription: subscription, group: group, kind: .virtualNetwork, name: $0) }
    }

    init(subscription: String, group: String, kind: ResourceKind, parent: String? = nil, name: String) {
        self.subscription = subscription
        self.group = group
        self.kind = kind
        self.parent = parent
        self.name = name
    }

    /// Reads an id; nil when it is none of a kind that there is.
    init?(_ text: String?) {
        guard let pieces = text?.split(separator: "/").map(String.init), pieces.count == 8 || pieces.count == 10,
            pieces[0].lowercased() == "subscriptions", pieces[2].lowercased() == "resourcegroups",
            pieces[4].lowercased() == "providers"
        else { return nil }
        let isChild = pieces.count == 10
        guard let kind = ResourceKind.find(pieces[5], pieces[isChild ? 8 : 6]), (kind == .subnet) == isChild else {
            return nil
        }
        self.init(
            subscription: pieces[1], group: pieces[3], kind: kind, parent: isChild ? pieces[7] : nil,
            name: pieces[isChild ? 9 : 7])
    }
}
