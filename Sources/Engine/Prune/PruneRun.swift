/// Gives back the space of what no restore point needs any more. It runs beside backups, restores and checks of any
/// number of proxies, holds no lock, and may be killed at any instant.
///
/// 1. Restore points that are to go are deleted: from then on they are not there.
/// 2. Everything that restore points and live sessions need is marked (`ReferenceCount`, `MarkWalk`).
/// 3. Blobs in use of packs that are mostly garbage are copied into new packs (`Repack`).
/// 4. Packs that nothing needs are condemned: listed in a `gc/` object. New backups do not build on them any more.
/// 5. Condemned packs are deleted when every live session has seen the list and the grace is over
///    (`CondemnedDeletion`): in this run, or a later one.
///
/// Crash story: before 5 only objects were added, and the next prune finds the same garbage. In 5 an index that does not
/// list a pack is durable before the pack goes, and the list goes last.
package struct PruneRun: Sendable {
    package let repository: Repository
    /// Empty; it is filled here.
    package let index: any DedupIndex
    package let options: PruneOptions
    /// Folder of this proxy's run leases; scratch files are made there too, and what one prune remembers for the next.
    package let leases: String
    package let progress: ProgressSink

    package init(
        repository: Repository, index: any DedupIndex, options: PruneOptions, leases: String,
        progress: @escaping ProgressSink
    ) {
        self.repository = repository
        self.index = index
        self.options = options
        self.leases = leases
        self.progress = progress
    }

    /// Folder for the files of one prune.
    var scratch: String { "\(leases)/prune-\(RandomName.make())" }

    /// What `run` would do now. Writes nothing.
    package func plan(deleting points: [StoredPoint]) async throws(EngineError) -> PruneReport {
        try await onBlockingThreads {
            let started = Stopwatch.now()
            let lease = try RunLease(in: leases, tag: repository.tag)
            defer { withExtendedLifetime(lease) {} }
            let now = Timestamp.now()
            let survey = try await PruneSurvey(self, now: now, own: nil, without: Set(points.map(\.id)))
            var report = survey.report(deleting: points)
            let plan = try survey.repackPlan(options)
            report.count(plan.origins, as: \.repacked)
            for size in plan.outputs { report.rewritten.add(size) }
            survey.countSpace(of: survey.garbage.union(plan.origins.map(\.id)), options, now: now, in: &report)
            report.seconds = Stopwatch.now() - started
            return report
        }
    }

    /// Prunes.
    /// - Parameter points: restore points to be deleted first.
    /// - Throws: `.failed` when another prune is at work; `.corrupt` when a restore point cannot be read, so that
    ///   nobody can tell what it needs.
    package func run(deleting points: [StoredPoint]) async throws(EngineError) -> PruneReport {
        try await onBlockingThreads {
            let lease = try RunLease(in: leases, tag: repository.tag)
            defer { withExtendedLifetime(lease) {} }
            let session = try await Session.begin(
                .prune, on: repository.target, run: lease, timing: options.timing)
            return try await session.whileLeased { try await run(deleting: points, session) }
        }
    }

    private func run(deleting points: [StoredPoint], _ session: Session) async throws -> PruneReport {
        let started = Stopwatch.now()
        _ = try await repository.target.sweep()
        try await refuseCompany(session)
        for point in points { try await repository.target.delete(point.key) }
        let survey = try await PruneSurvey(
            self, now: try await session.renewedTime(), own: session.id, without: [])
        var report = survey.report(deleting: points)
        let repack = try await repack(survey, session, &report)
        let condemned = survey.garbage.union(repack.replaced.map(\.id))
        var condemnations = survey.condemnations
        try session.checkAlive()
        if let stored = try await condemn(condemned, session) { condemnations.append(stored) }
        let deletion = CondemnedDeletion(
            run: self, session: session, survey: survey, replaced: Set(repack.replaced.map(\.id)))
        try await deletion.run(condemnations, &report)
        report.seconds = Stopwatch.now() - started
        return report
    }

    /// One prune at a time: two would each keep another copy of a blob, and each delete the other's.
    private func refuseCompany(_ session: Session) async throws(EngineError) {
        let sessions = try await LiveSessions.load(
            from: repository.target, now: try await session.renewedTime(), leases: leases, timing: options.timing)
        guard let other = sessions.records.first(where: { $0.purpose == .prune && $0.session != session.id }) else {
            return
        }
        throw EngineError(
            .failed, "another prune of this repository has been running since \(other.started); nothing was done",
            isRetryable: true)
    }

    private func repack(
        _ survey: PruneSurvey, _ session: Session, _ report: inout PruneReport
    ) async throws(EngineError) -> Repack.Result {
        let plan = try survey.repackPlan(options)
        guard !plan.origins.isEmpty else { return Repack.Result() }
        let ledger = StorageLedger(target: repository.target, index: index, unlisted: [])
        let result = try await Repack(
            plan: plan, target: repository.target, ledger: ledger, session: session.id, packSize: options.packSize,
            parity: try ParityWriter(if: options.hasParity, repository)
        ).run()
        for warning in result.warnings { progress(.warning(vm: nil, warning)) }
        report.count(result.replaced, as: \.repacked)
        for size in result.written { report.rewritten.add(size) }
        return result
    }

    private func condemn(
        _ packs: Set<PackID>, _ session: Session
    ) async throws(EngineError) -> Condemnation.Listed? {
        guard !packs.isEmpty else { return nil }
        let name = try await Condemnation.put(packs, at: repository.target)
        return Condemnation.Listed(
            name: name, modified: try await session.renewedTime(),
            content: Condemnation(created: .now(), packs: packs))
    }
}

extension PruneReport {
    mutating func count(_ origins: [RepackPlan.Origin], as amount: WritableKeyPath<PruneReport, Amount>) {
        for origin in origins { self[keyPath: amount].add(origin.size) }
    }
}
