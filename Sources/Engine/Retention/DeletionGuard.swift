/// Looks once more at restore points that are about to go. One whose manifest is damaged is a matter for a check, and
/// stays; so does one that was pinned since the rules were asked.
///
/// Reads the manifests of those that go and no others, so that it costs what changes.
package struct DeletionGuard: Sendable {
    private let repository: Repository

    package init(repository: Repository) { self.repository = repository }

    package struct Verdict: Sendable {
        /// Those that may go, in the order given.
        package let free: [StoredPoint]
        package let unreadable: [UnreadablePoint]
    }

    package func judge(_ points: [StoredPoint]) async throws(EngineError) -> Verdict {
        let repository = repository
        let unreadable = try await repository.target.together(points) { point -> UnreadablePoint? in
            do throws(EngineError) {
                _ = try await repository.manifest(point)
                return nil
            } catch {
                switch error.kind {
                case .notFound: return nil
                case .corrupt, .unsupported: return UnreadablePoint(point: point, error: error)
                default: throw error
                }
            }
        }.compactMap { $0 }
        let held = try await repository.pinnedPoints().union(unreadable.map(\.point.id))
        return Verdict(free: points.filter { !held.contains($0.id) }, unreadable: unreadable)
    }
}
