/// A resource of the subscription.
struct Resource: Sendable {
    var id: ResourceID
    var location: String
    var tags: JSON = .null
    var zones: JSON = .null
    var sku: JSON = .null
    /// As answers have it, but for the state of provisioning.
    var properties: JSON
    /// The body it was last asked for with.
    var asked: JSON
    /// `Creating`, `Updating`, `Deleting`, `Succeeded` or `Failed`.
    var state = "Creating"
    /// The last operation on it.
    var operation = ""
    /// Counts its changes.
    var version = 1

    /// A disk: where its bytes are, as the account and container of a blob.
    var account = ""
    var container = ""
    /// A disk or network interface: the id of the virtual machine that has it.
    var owner: String?
    /// A virtual machine: `running`, `stopped` or `deallocated`.
    var power = ""

    var isReady: Bool { state == "Succeeded" }

    /// As answers have it.
    var json: JSON {
        var properties = properties
        properties["provisioningState"] = .text(state)
        return [
            "id": .text(id.text), "name": .text(id.name), "type": .text(id.kind.fullType), "location": .text(location),
            "tags": tags, "zones": zones, "sku": sku, "properties": properties,
            "etag": id.kind.namespace == "Microsoft.Network" ? "W/\"\(version)\"" : .null,
            "managedBy": id.kind == .disk ? owner.map { .text($0) } ?? .null : .null,
        ]
    }

    /// As lists of resources of every kind have it.
    var summary: JSON {
        [
            "id": .text(id.text), "name": .text(id.name), "type": .text(id.kind.fullType), "location": .text(location),
            "tags": tags, "sku": sku, "zones": zones, "provisioningState": .text(state),
            "managedBy": id.kind == .disk ? owner.map { .text($0) } ?? .null : .null,
        ]
    }
}
