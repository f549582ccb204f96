import Engine

/// A volume group that exists for one capture or restore: made, attached to our initiator, and removed again.
struct TemporaryVolumeGroup: Sendable {
    let prism: PrismClient
    let id: String
    let name: String
    let disks: [VolumeDisk]
    let endpoint: VolumeEndpoint

    /// Makes the group with these disks, in this order, and attaches our initiator. On an error nothing of it is left.
    static func make(
        _ prism: PrismClient, name: String, cluster: PrismCluster, disks: [DiskOrigin], access: VolumeAccess
    ) async throws(PrismError) -> TemporaryVolumeGroup {
        let secrets = ChapSecrets(access.chap)
        do throws(PrismError) {
            let id = try await prism.createVolumeGroup(body(name, cluster, disks, secrets))
            try await prism.attach(initiator: access.initiator, secret: secrets.initiatorCheck, to: id)
            guard let record = try await prism.volumeGroup(id) else {
                throw PrismError(.failed, "the volume group '\(name)' vanished while it was being made")
            }
            let made = try await prism.volumeDisks(of: id)
            guard made.map(\.index) == Array(disks.indices) else {
                throw PrismError(.failed, "the volume group '\(name)' has \(made.count) disks, not \(disks.count)")
            }
            let target = record["targetName"]?.string ?? "\(Self.targetPrefix)-\(id)"
            return TemporaryVolumeGroup(
                prism: prism, id: id, name: name, disks: made,
                endpoint: VolumeEndpoint(access: access, targetName: target, secrets: secrets))
        } catch {
            let left = await removeAll(prism, named: name)
            throw left.isEmpty ? error : error.during(left.joined(separator: "; "))
        }
    }

    private static let targetPrefix = "ahvault"

    private static func body(
        _ name: String, _ cluster: PrismCluster, _ disks: [DiskOrigin], _ secrets: ChapSecrets
    ) -> JSONValue {
        .typed(
            "volumes.v4.config.VolumeGroup",
            [
                "name": .string(name), "description": "Temporary, made by AHVault",
                "clusterReference": .string(cluster.id), "usageType": "TEMPORARY",
                "targetPrefix": .string(targetPrefix),
                "enabledAuthentications": .string(secrets.target == nil ? "NONE" : "CHAP"),
                "iscsiFeatures": secrets.target.map { secret in
                    .typed(
                        "volumes.v4.config.IscsiFeatures",
                        ["targetSecret": .string(secret), "enabledAuthentications": "CHAP"])
                },
                "disks": .array(disks.enumerated().map { $1.body(index: $0) }),
            ])
    }

    /// Removes the group. Returns what went wrong, in words.
    func remove() async -> [String] {
        do throws(PrismError) {
            try await uncancelled { () async throws(PrismError) in try await self.prism.deleteVolumeGroup(self.id) }
            return []
        } catch {
            return [
                "the temporary volume group '\(name)' could not be removed and will be by a later run: \(error.message)"
            ]
        }
    }

    /// Removes every group of this name: a task that failed, or whose answer got lost, may have made one.
    private static func removeAll(_ prism: PrismClient, named name: String) async -> [String] {
        do throws(PrismError) {
            try await uncancelled { () async throws(PrismError) in
                for group in try await prism.volumeGroups(withPrefix: name) {
                    if let id = group.extID { try await prism.deleteVolumeGroup(id) }
                }
            }
            return []
        } catch {
            return ["the temporary volume group '\(name)' may be left and will be removed by a later run"]
        }
    }
}

/// Which sides prove themselves to each other.
enum ChapMode: String, Sendable, CaseIterable {
    case none
    case oneWay
    case mutual
}

/// The secrets of one volume group, made for it and kept nowhere else.
struct ChapSecrets: Sendable {
    /// What we prove to the target.
    let target: String?
    /// What the target proves to us.
    let initiatorCheck: String?

    init(_ mode: ChapMode) {
        target = mode == .none ? nil : RandomText.chapSecret()
        initiatorCheck = mode == .mutual ? RandomText.chapSecret() : nil
    }
}

extension ChapSecrets: CustomStringConvertible, CustomReflectable {
    var description: String { "CHAP secrets" }
    var customMirror: Mirror { Mirror(self, children: [:]) }
}
