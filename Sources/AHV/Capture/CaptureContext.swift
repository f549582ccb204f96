import Engine

/// What a capture works with: the cluster, the client, and the name its temporary things go by.
struct CaptureContext: Sendable {
    let prism: PrismClient
    let configuration: AHVConfiguration
    let cluster: PrismCluster
    let name: String

    var changedRegions: ChangedRegions {
        ChangedRegions(
            prism: prism, cluster: cluster, element: configuration.elementTrust, port: configuration.elementPort)
    }

    /// Makes a committed recovery point last until the next capture, and removes the one it replaces.
    func keep(_ point: String, insteadOf older: String?) async -> [String] {
        var warnings: [String] = []
        let until = prism.now.adding(seconds: Int64(configuration.recoveryPointDays) * 86_400)
        await attempt(
            "the recovery point \(point) could not be prolonged; unless the next backup comes within three days it will be full",
            &warnings
        ) { () async throws(PrismError) in try await self.prism.setExpiration(of: point, to: until) }
        if let older, older != point {
            await attempt("the recovery point of the last backup, \(older), could not be removed", &warnings) {
                () async throws(PrismError) in try await self.prism.deleteRecoveryPoint(older)
            }
        }
        return warnings
    }

    func discard(_ point: String) async -> [String] {
        var warnings: [String] = []
        await attempt("the recovery point \(point) could not be removed and will be by a later run", &warnings) {
            () async throws(PrismError) in try await self.prism.deleteRecoveryPoint(point)
        }
        return warnings
    }

    private func attempt(
        _ complaint: String, _ warnings: inout [String],
        _ work: @escaping @Sendable () async throws(PrismError) -> Void
    ) async {
        do throws(PrismError) { try await uncancelled(work) } catch {
            warnings.append("\(complaint): \(error.message)")
        }
    }
}
