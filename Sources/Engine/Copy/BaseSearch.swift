/// Finds restore points of a VM that the destination has, to compare with, and holds them fast.
struct BaseSearch: Sendable {
    let plan: CopyPlan
    let source: CopySide
    let destination: CopySide
    let translation: IDTranslation
    /// Nil to hold nothing fast: for a dry run, or at a source that cannot be written to.
    let sourceSession: Session?
    let session: Session?

    /// A base that was found, and what was held fast for it.
    struct Found: Sendable {
        let base: CopyBase
        let sourceRoots: [SessionRecord.Root]
        let destinationRoots: [SessionRecord.Root]
    }

    /// Restore points that are tried: those whose manifests cannot be read are passed over.
    private static let attempts = 3

    /// - Returns: nil when there is none.
    /// - Throws: what the repositories throw, other than damage.
    func base(for manifest: Manifest) async throws(EngineError) -> Found? {
        let neighbours = try plan.neighbours(
            of: manifest.id, vm: manifest.vm.id, in: destination.repository)
        let usable = translation.keepsIDs ? neighbours : neighbours.filter { plan.source[$0.id] != nil }
        for stored in usable.prefix(Self.attempts) {
            do throws(EngineError) {
                if let found = try await hold(stored) { return found }
            } catch {
                guard error.isDamage else { throw error }
            }
        }
        return nil
    }

    private func hold(_ stored: StoredPoint) async throws(EngineError) -> Found? {
        let there = try await destination.naming { () async throws(EngineError) in
            try await held(stored, destination.repository, session)
        }
        guard let there else { return nil }
        var mine: Manifest?
        if !translation.keepsIDs {
            guard let listed = plan.source[stored.id] else { return nil }
            mine = try await source.naming { () async throws(EngineError) in
                try await held(listed, source.repository, sourceSession)
            }
            guard mine != nil else { return nil }
        }
        return Found(
            base: CopyBase(source: mine, destination: there), sourceRoots: mine?.roots ?? [],
            destinationRoots: there.roots)
    }

    /// - Returns: nil when it was deleted before it was held fast.
    private func held(
        _ point: StoredPoint, _ repository: Repository, _ session: Session?
    ) async throws(EngineError) -> Manifest? {
        let manifest = try await repository.manifest(point)
        guard let session else { return manifest }
        try await session.pin(manifest.roots)
        return try await repository.contains(manifest) ? manifest : nil
    }
}
