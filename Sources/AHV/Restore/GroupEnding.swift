import Engine

/// Leaves the restored disk on the cluster as a volume group of its own.
struct GroupEnding: RestoreEnding {
    let prism: PrismClient
    let name: String

    func complete(
        _ group: TemporaryVolumeGroup, _ cleanUp: CleanUp
    ) async throws(PrismError) -> (outcome: RestoreOutcome, groupStays: Bool) {
        try await prism.rename(volumeGroup: group.id, to: name, description: "Restored by AHVault")
        return (RestoreOutcome(id: group.id, name: name, notes: []), true)
    }
}
