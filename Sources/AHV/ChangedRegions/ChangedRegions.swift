import Engine
import Logging
import Wire

/// Asks which parts of a disk are used, or have changed since an older recovery point.
///
/// Prism Central hands out a pass; Prism Element computes. The pass goes only to an address of the disk's own cluster,
/// and only over a connection whose certificate is trusted.
struct ChangedRegions: Sendable {
    let prism: PrismClient
    let cluster: PrismCluster
    let element: ElementTrust
    let port: Int

    /// The regions of a disk, the whole of it covered.
    /// - Throws: `corrupt` if the answers break a rule; `notFound` if a recovery point is gone; connection errors.
    func compute(
        _ point: DiskPoint, since reference: DiskPoint?, size: UInt64
    ) async throws(PrismError) -> [RegionMap.Region] {
        var pager = RegionPager(size: size)
        var pass = try await discover(point, since: reference)
        var renewals = 0
        while let offset = pager.next {
            if !pass.isFresh { pass = try await discover(point, since: reference) }
            do throws(PrismError) {
                try pager.take(try await page(point, since: reference, from: offset, with: pass))
                renewals = 0
            } catch {
                guard error.status == 401, renewals < 3 else { throw error }
                renewals += 1
                pass = try await discover(point, since: reference)
            }
        }
        return pager.regions
    }

    private func discover(_ point: DiskPoint, since reference: DiskPoint?) async throws(PrismError) -> ElementPass {
        let spec = JSONValue.typed(
            "dataprotection.v4.content.ComputeChangedRegionsClusterDiscoverSpec",
            ["diskRecoveryPoint": point.reference, "referenceDiskRecoveryPoint": reference?.reference])
        let body = JSONValue.typed(
            "dataprotection.v4.content.ClusterDiscoverSpec", ["operation": "COMPUTE_CHANGED_REGIONS", "spec": spec])
        let place = "\(PrismClient.recoveryPoints)/\(PrismCall.segment(point.recoveryPoint))/$actions/discover-cluster"
        let call = PrismCall(method: "POST", path: try await prism.path(.protection, place), body: body)
        let pass = try ElementPass(try await prism.send(call))
        guard cluster.addresses.contains(pass.address) else {
            throw PrismError(
                .denied,
                "Prism Central sent us to \(pass.address) for the changed regions, which is no address of the cluster "
                    + "'\(cluster.name)': the token was not sent there")
        }
        return pass
    }

    private func page(
        _ point: DiskPoint, since reference: DiskPoint?, from offset: UInt64, with pass: ElementPass
    ) async throws(PrismError) -> PrismReply {
        let base = PrismCluster.base(pass.address, port: port)
        let body = JSONValue.typed(
            "dataprotection.v4.content.VmRecoveryPointChangedRegionsComputeSpec",
            [
                "offset": .integer(Int64(clamping: offset)),
                "referenceRecoveryPointExtId": reference.map { .string($0.recoveryPoint) },
                "referenceVmRecoveryPointExtId": reference.map { .string($0.machinePoint) },
                "referenceDiskRecoveryPointExtId": reference.map { .string($0.diskPoint) },
            ])
        let call = PrismCall(method: "POST", path: pass.basePath + point.path, body: body)
        let transport = PrismTransport(
            base: base, http: try await element.client(for: base, cluster: cluster), rate: prism.transport.rate,
            limits: prism.limits, logger: prism.logger)
        let reply = try await transport.send(
            call, authorization: [HTTPHeader("Cookie", "NTNX_IGW_SESSION=\(pass.token)")])
        return try PrismReply(reply, of: call)
    }
}
