import Engine

/// Removes what crashes of this proxy left on the clusters.
struct OrphanSweep: Sendable {
    let prism: PrismClient
    let owner: Ownership

    let request: SweepRequest

    /// Returns what was removed, and what could not be, in words.
    func run() async throws(PrismError) -> [String] {
        try await sweepVolumeGroups() + sweepRecoveryPoints()
    }

    private func sweepVolumeGroups() async throws(PrismError) -> [String] {
        var report: [String] = []
        for group in try await prism.volumeGroups(withPrefix: owner.prefix(repository: request.repository)) {
            guard let id = group.extID, let name = group["name"]?.string, owner.isOrphan(name, request) else {
                continue
            }
            guard try await prism.attachments(of: id).machines.isEmpty else {
                report.append("volume group '\(name)' is attached to a VM and stays")
                continue
            }
            report.append(
                await said("volume group '\(name)' of an interrupted run") { () async throws(PrismError) in
                    try await self.prism.deleteVolumeGroup(id)
                })
        }
        return report
    }

    /// A recovery point goes if its run never committed it, or if a later committed one has taken its place.
    private func sweepRecoveryPoints() async throws(PrismError) -> [String] {
        let kept = request.kept.compactMap { CaptureReference($0) }
        let needed = Set(kept.map(\.recoveryPoint))
        let superseded = Set(kept.compactMap(\.supersedes))
        var report: [String] = []
        let prefix = PrismCall.literal(owner.prefix(repository: request.repository))
        let points = try await prism.list(
            .protection, PrismClient.recoveryPoints, filter: "startswith(name,\(prefix))")
        for point in points {
            guard let id = point.extID, let name = point["name"]?.string, owner.isOrphan(name, request) else {
                continue
            }
            let isWanted = needed.contains(id) || Expiry.isCommitted(point)
            guard !isWanted || superseded.contains(id) else { continue }
            report.append(
                await said("recovery point '\(name)' of an interrupted run") { () async throws(PrismError) in
                    try await self.prism.deleteRecoveryPoint(id)
                })
        }
        return report
    }

    private func said(
        _ thing: String, _ remove: @escaping @Sendable () async throws(PrismError) -> Void
    ) async -> String {
        do throws(PrismError) {
            try await uncancelled(remove)
            return "\(thing)"
        } catch {
            return "NOT removed: \(thing): \(error.message)"
        }
    }
}

/// How long recovery points live, which also tells whether their run has committed them.
enum Expiry {
    /// A point whose run is under way lives this long; a crash leaves no litter beyond it.
    static let underWay: Int64 = 3 * 86_400

    /// A committed point lives at least this long, as the settings require.
    static func isCommitted(_ point: JSONValue) -> Bool {
        guard let made = point["creationTime"]?.string.flatMap({ PrismTime.read($0) }),
            let ends = point["expirationTime"]?.string.flatMap({ PrismTime.read($0) })
        else { return true }
        return ends > made.adding(seconds: underWay + 3600)
    }
}

/// Prism's times: RFC 3339 with up to six decimals.
enum PrismTime {
    static func read(_ text: String) -> Timestamp? {
        if text.hasSuffix("+00:00") { return Timestamp(String(text.dropLast(6)) + "Z") }
        return Timestamp(text)
    }
}
