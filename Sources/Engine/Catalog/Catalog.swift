/// A cache of what repositories say, so that lists need not ask the target for every manifest.
///
/// Never the only copy of anything: it may be deleted at any time and fills itself again.
package protocol Catalog: Sendable {
    /// Restore point ids known of a repository.
    func knownPoints(repository: String) async throws(EngineError) -> Set<RestorePointID>

    /// Keeps restore points; one that is known is replaced.
    func keep(_ points: [PointOverview], repository: String) async throws(EngineError)

    /// Forgets restore points that the repository no longer has.
    func forget(_ points: Set<RestorePointID>, repository: String) async throws(EngineError)

    /// Restore points of a repository, oldest first, of one VM (name or id) if given.
    func points(repository: String, vm: String?) async throws(EngineError) -> [PointOverview]
}
