/// Reads the manifests of restore points that are about to go: a damaged one is a matter for a check, and stays.
///
/// Only of those that go, so that it costs what changes; of the others the catalog knows enough.
package struct DamageGuard: Sendable {
    private let repository: Repository

    package init(repository: Repository) { self.repository = repository }

    package struct Verdict: Sendable {
        /// Those that may go, in the order given.
        package let sound: [StoredPoint]
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
        let damaged = Set(unreadable.map(\.point))
        return Verdict(sound: points.filter { !damaged.contains($0) }, unreadable: unreadable)
    }
}
