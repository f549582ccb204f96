import Engine

/// The id of a resource: a path. Two that differ in case alone are one.
struct ResourceID: Sendable, Hashable, CustomStringConvertible {
    let kind: ResourceKind
    let text: String
    let name: String

    static func group(_ name: String, in subscription: String) -> ResourceID {
        ResourceID(
            kind: .resourceGroup, text: "/subscriptions/\(subscription)/resourceGroups/\(name)", name: name)
    }

    init(kind: ResourceKind, text: String, name: String) {
        self.kind = kind
        self.text = text
        self.name = name
    }

    /// - Parameter group: the id of the resource group.
    init(_ kind: ResourceKind, _ name: String, in group: ResourceID) {
        self.init(kind: kind, text: "\(group.text)/providers/\(kind.type)/\(name)", name: name)
    }

    /// A subnet of this virtual network.
    func subnet(_ name: String) -> ResourceID {
        ResourceID(kind: .subnet, text: text + "/subnets/" + name, name: name)
    }

    var description: String { "\(kind.title) \(name)" }
}
