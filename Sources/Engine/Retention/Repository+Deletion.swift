extension Repository {
    /// Deletes restore points: their manifests and nothing else, since a restore point shares its bytes with others.
    /// What nobody refers to any more is given back by the next prune.
    ///
    /// One that was pinned since the caller looked stays.
    /// - Returns: those that were deleted, in the order given.
    /// - Throws: what the target throws; then some may be deleted and some not, each whole.
    package func delete(_ points: [StoredPoint]) async throws(EngineError) -> [StoredPoint] {
        guard !points.isEmpty else { return [] }
        let pinned = try await pinnedPoints()
        let target = target
        return try await target.together(points.filter { !pinned.contains($0.id) }) { point in
            try await target.delete(point.key)
            return point
        }
    }
}
