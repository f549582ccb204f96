import Engine
import Logging
import Targets

/// Removes what a run has made, and nothing else: the VM first, then what it held. What cannot be removed stays in the
/// journal.
struct ExportCleanup: Sendable {
    let subscription: AzureSubscription
    let file: JournalFile

    /// In this order.
    private static let order: [ResourceKind] = [
        .virtualMachine, .networkInterface, .publicAddress, .securityGroup, .subnet, .virtualNetwork, .disk, .blob,
        .resourceGroup,
    ]

    func run() async {
        let journal = file.journal
        let client = subscription.settings.mode == .uploadOnly ? nil : try? ResourceClient(subscription)
        for kind in Self.order {
            for entry in journal.entries.reversed() where entry.kind == kind {
                let id = ResourceID(kind: entry.kind, text: entry.id, name: entry.name)
                do throws(EngineError) {
                    try await remove(id, journal, client)
                    try file.forget(id)
                } catch {
                    subscription.surroundings.logger.warning("\(error)")
                }
            }
        }
    }

    private func remove(_ id: ResourceID, _ journal: AzureJournal, _ client: ResourceClient?) async throws(EngineError)
    {
        if id.kind == .blob { return try await BlobContainer(subscription).remove(id.name, run: journal.run) }
        guard let client else { throw EngineError(.failed, "cannot remove the \(id) without signing in") }
        guard let found = try await client.find(id) else { return }
        // A subnet has no tags; its network is ours, or it was made by us alone.
        guard id.kind == .subnet || found["tags"]?[RunTag.name]?.string == journal.run else { return }
        switch id.kind {
        case .disk: return try await removeDisk(id, found, client)
        case .resourceGroup:
            let rest = try await client.list(
                "resourceGroups/\(id.name)/resources", version: "2021-04-01", what: "look into the \(id)")
            guard rest.isEmpty else { throw EngineError(.failed, "the \(id) is not empty and stays") }
        default: break
        }
        try await client.delete(id)
    }

    /// A grant that the killed export had asked for may begin only after the disk was looked at.
    private func removeDisk(_ id: ResourceID, _ found: JSONValue, _ client: ResourceClient) async throws(EngineError) {
        try await endAccess(id, found, client)
        do {
            try await client.delete(id)
        } catch {
            guard let later = try await client.find(id), Self.isReachable(later) else { throw error }
            try await endAccess(id, later, client)
            try await client.delete(id)
        }
    }

    private static func isReachable(_ disk: JSONValue) -> Bool {
        ["ActiveUpload", "ActiveSAS"].contains(disk["properties"]?["diskState"]?.string ?? "")
    }

    /// A disk whose bytes somebody may still reach cannot be removed. That an unfinished upload is no VHD is no news.
    private func endAccess(_ id: ResourceID, _ found: JSONValue, _ client: ResourceClient) async throws(EngineError) {
        guard Self.isReachable(found) else { return }
        do {
            _ = try await client.post(id, "endGetAccess")
        } catch {
            if error.kind == .denied || error.kind == .unreachable { throw error }
        }
    }
}
