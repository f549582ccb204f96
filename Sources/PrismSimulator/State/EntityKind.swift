/// The collections of the estate.
enum EntityKind: String, CaseIterable, Sendable {
    case cluster, host, container, subnet, category, image, vm, recoveryPoint, volumeGroup, iscsiClient

    /// What error messages call it.
    var label: String {
        switch self {
        case .cluster: "cluster"
        case .host: "host"
        case .container: "storage container"
        case .subnet: "subnet"
        case .category: "category"
        case .image: "image"
        case .vm: "VM"
        case .recoveryPoint: "recovery point"
        case .volumeGroup: "volume group"
        case .iscsiClient: "iSCSI client"
        }
    }
}

/// One entity: what the API shows of it, and what only the simulator knows.
struct Entity: Sendable {
    var id: String
    /// Counts changes; the ETag is made from it.
    var revision = 1
    /// Counts creations, so that lists keep their order.
    var order = 0
    /// The API's object.
    var body: JSONValue
    /// Not shown: secrets, captured configurations, journals.
    var hidden: JSONValue = [:]

    var etag: String { EntityTag.of(id, revision: revision) }

    var json: JSONValue {
        ["id": .string(id), "revision": .int(revision), "order": .int(order), "body": body, "hidden": hidden]
    }

    init(id: String, body: JSONValue, hidden: JSONValue = [:]) {
        self.id = id
        self.body = body
        self.hidden = hidden
    }

    init?(json: JSONValue) {
        guard let id = json["id"]?.string, let body = json["body"] else { return nil }
        self.id = id
        self.body = body
        revision = json["revision"]?.int ?? 1
        order = json["order"]?.int ?? 0
        hidden = json["hidden"] ?? [:]
    }
}
