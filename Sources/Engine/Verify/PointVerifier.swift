/// Reads everything that some restore points need, decodes it and compares it with its ids: a deep check of these
/// alone. Changes nothing.
///
/// Packs are read whole, each once, whatever else they hold.
package struct PointVerifier: Sendable {
    package let repository: Repository
    /// Empty; it is filled here.
    package let index: any DedupIndex
    /// Folder of this proxy's run leases.
    package let leases: String
    package let progress: ProgressSink

    package init(
        repository: Repository, index: any DedupIndex, leases: String, progress: @escaping ProgressSink
    ) {
        self.repository = repository
        self.index = index
        self.leases = leases
        self.progress = progress
    }

    /// - Throws: what keeps the check from being done at all; damage is no error but part of the report.
    package func check(_ points: Set<RestorePointID>) async throws(EngineError) -> CheckReport {
        try await onBlockingThreads {
            let lease = try RunLease(in: leases, tag: repository.tag)
            defer { withExtendedLifetime(lease) {} }
            let session = try await Session.beginReading(.check, on: repository.target, run: lease)
            guard let session else { return try await read(points) }
            return try await session.whileLeased { try await read(points) }
        }
    }

    private func read(_ points: Set<RestorePointID>) async throws -> CheckReport {
        let started = Stopwatch.now()
        let marks = try await DamageMarks.load(from: repository.target)
        let loaded = try await IndexLoader(repository).load(into: index, avoiding: marks.avoided)
        let plain = BlobReader(repository, index: index)
        let listed = try await repository.target.list(prefix: ObjectLayout.packs).compactMap(ListedPack.init)
        let needed = try await NeededPacks(repository: repository, blobs: plain).packs(of: points)
        let survey = try await PackSurvey(target: repository.target, blobs: plain, progress: progress)
            .run(listed.filter { needed.contains($0.id) }, whole: needed)
        let findings = try await BrokenPacks(repository: repository, blobs: plain).analyze(survey.findings)
        var bad = BadCopies(listed: Set(listed.map(\.id)).subtracting(survey.gone))
        var damages = DamageList()
        for finding in findings {
            bad.add(finding)
            damages.add(finding)
        }
        let rescue = BlobRescue(
            target: repository.target, parity: repository.codecs.parity, index: index, avoided: loaded.avoided)
        let check = PointCheck(
            repository: repository, index: index, blobs: BlobReader(repository, index: index, rescue: rescue), bad: bad)
        let result = try await check.run(only: points)
        for finding in result.findings { damages.hit(finding.object, finding.reason, finding.hit) }
        return CheckReport(
            depth: "points", restorePoints: result.points, packs: needed.count, packsRead: survey.packsRead,
            bytesRead: survey.bytesRead, damages: damages.merged, settled: [], recency: [],
            notes: marks.warnings + loaded.warnings, seconds: Stopwatch.now() - started)
    }
}
