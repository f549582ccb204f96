import Engine
import Logging

/// Chooses between the changes since the last backup, the used parts and the whole of a disk, and says why.
struct RegionChoice: Sendable {
    let capture: AHVCapture

    private var regions: ChangedRegions { capture.context.changedRegions }

    func regions(of disk: CapturedDisk, since reference: DiskReference?) async throws(PrismError) -> RegionMap {
        guard let point = point(of: disk.id, in: capture.reference) else {
            throw PrismError(.failed, "the disk is not in the recovery point")
        }
        guard let reference else { return try await used(disk, point, because: nil) }
        guard let earlier = CaptureReference(reference.capture) else {
            return try await used(disk, point, because: "the last backup was not made by this source")
        }
        if let obstacle = earlier.obstacle(to: disk.id, of: capture.reference) {
            return try await used(disk, point, because: obstacle)
        }
        guard let older = self.point(of: disk.id, in: earlier) else {
            return try await used(disk, point, because: "the disk is new since the last backup")
        }
        return try await changes(disk, point, older)
    }

    private func changes(
        _ disk: CapturedDisk, _ point: DiskPoint, _ older: DiskPoint
    ) async throws(PrismError) -> RegionMap {
        guard try await capture.context.prism.recoveryPoint(older.recoveryPoint) != nil else {
            return try await used(
                disk, point, because: "the recovery point of the last backup is gone: it has expired or was deleted")
        }
        do throws(PrismError) {
            let regions = try await regions.compute(point, since: older, size: disk.size)
            return RegionMap(coverage: .changes, regions: regions)
        } catch {
            guard Self.isAnswer(error) else { throw error }
            let reason =
                error.isMissing
                ? "the recovery point of the last backup is gone: it has expired or was deleted" : error.message
            return try await used(disk, point, because: reason)
        }
    }

    private func used(
        _ disk: CapturedDisk, _ point: DiskPoint, because reason: String?
    ) async throws(PrismError) -> RegionMap {
        if let reason { log(disk, "is read in full: \(reason)") }
        do throws(PrismError) {
            let regions = try await regions.compute(point, since: nil, size: disk.size)
            return RegionMap(coverage: .used, regions: regions, fallback: reason)
        } catch {
            guard Self.isAnswer(error) else { throw error }
            let whole = "its used parts are not known: \(error.message)"
            log(disk, "is read to its end: \(whole)")
            return RegionMap(
                coverage: .used, regions: disk.size == 0 ? [] : [.init(ByteRange(0, disk.size), isZero: false)],
                fallback: [reason, whole].compactMap { $0 }.joined(separator: "; "))
        }
    }

    /// Whether Prism answered and the answer is of no use, so that reading more is the way on. An unreachable server,
    /// an untrusted certificate or a refused password is for the administrator to settle.
    private static func isAnswer(_ error: PrismError) -> Bool {
        switch error.kind {
        case .notFound, .failed, .corrupt, .unsupported: true
        default: false
        }
    }

    private func point(of disk: String, in reference: CaptureReference) -> DiskPoint? {
        reference.disks[disk].map {
            DiskPoint(
                recoveryPoint: reference.recoveryPoint, machinePoint: reference.machinePoint, diskPoint: $0.point)
        }
    }

    private func log(_ disk: CapturedDisk, _ text: String) {
        capture.context.prism.logger.notice("disk \(disk.address) of \(capture.frozen.machine.name) \(text)")
    }
}
