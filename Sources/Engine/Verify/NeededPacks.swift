/// The packs that some restore points need, by the copies that a reader takes.
struct NeededPacks: Sendable {
    let repository: Repository
    let blobs: BlobReader

    /// What cannot be read is left out: the check of the restore points names it.
    /// - Throws: what the target throws.
    func packs(of points: Set<RestorePointID>) async throws(EngineError) -> Set<PackID> {
        let walk = Walk(blobs: blobs)
        for point in try await repository.restorePoints() where points.contains(point.id) {
            do throws(EngineError) {
                for root in try await repository.roots(of: point) { try await walk.visit(root.id, level: root.level) }
            } catch {
                guard [.corrupt, .notFound, .unsupported].contains(error.kind) else { throw error }
            }
        }
        return walk.packs
    }

    private final class Walk {
        private let blobs: BlobReader
        private let trees: TreeReader
        private(set) var packs: Set<PackID> = []
        /// Nodes seen, by the first 8 bytes of their ids: about 4 MiB for each TiB of disks.
        private var seen: Set<UInt64> = []

        init(blobs: BlobReader) {
            self.blobs = blobs
            trees = TreeReader(blobs: blobs)
        }

        func visit(_ id: Digest, level: Int?) async throws(EngineError) {
            if Task.isCancelled { throw EngineError(.cancelled, "cancelled") }
            guard seen.insert(id.words.0).inserted else { return }
            add(id)
            guard let level else { return }
            do throws(EngineError) {
                switch try await trees.node(id, level: level) {
                case .leaf(let extents): for extent in extents { add(extent.chunk) }
                case .inner(_, let children):
                    for child in children { try await visit(child.node.id, level: level - 1) }
                }
            } catch {
                guard [.corrupt, .notFound, .unsupported].contains(error.kind) else { throw error }
            }
        }

        private func add(_ id: Digest) {
            if let pack = blobs.index.location(of: id)?.pack { packs.insert(pack) }
        }
    }
}
