/// Copies restore points from one repository into another: only what that does not have, so that a copy that is
/// repeated does nothing, and one that was killed is taken up where it was.
///
/// It holds a lease at both repositories, so that backups, restores and prunes may go on beside at either of them. A
/// prune of the source deletes nothing below a restore point that is being copied; one of the destination nothing that
/// the copy has found there or stored.
///
/// Crash story: a restore point is at the destination when its manifest is, which is put last. What was stored for one
/// that is not is found by the next copy, or taken away by the next prune. The lease is known to be dead at this
/// proxy's next run, and expires for others.
package struct CopyRun: Sendable {
    package let source: CopySide
    package let destination: CopySide
    /// Of the destination: for what is encoded anew.
    package let codec: any Codec
    package let options: CopyOptions
    /// Folder of this proxy's run leases.
    package let leases: String
    package let progress: ProgressSink

    package init(
        from source: CopySide, to destination: CopySide, codec: any Codec, options: CopyOptions, leases: String,
        progress: @escaping ProgressSink
    ) {
        self.source = source
        self.destination = destination
        self.codec = codec
        self.options = options
        self.leases = leases
        self.progress = progress
    }

    /// What `run` would do now, and about how much would move. Writes nothing.
    /// - Throws: as `run`.
    package func plan(_ points: [StoredPoint]) async throws(EngineError) -> CopyReport {
        try refuseOneRepository()
        return try await onBlockingThreads { try await CopyEstimate(self).run(points) }
    }

    /// Copies. A restore point whose source is damaged does not keep the others from being copied.
    /// - Parameter points: of the source.
    /// - Throws: what keeps every restore point from being copied: `.configuration` when both are one repository,
    ///   `.denied` and `.noSpace` of the destination, `.locked`, `.cancelled`. What was committed before stays.
    package func run(_ points: [StoredPoint]) async throws(EngineError) -> CopyReport {
        try refuseOneRepository()
        return try await onBlockingThreads { try await lease(points) }
    }

    private func refuseOneRepository() throws(EngineError) {
        guard source.repository.id == destination.repository.id else { return }
        throw EngineError(
            .configuration,
            "\(source.name) and \(destination.name) are one and the same repository, \(source.repository.id), or one "
                + "is a copy of the other file by file; make the destination by `ahvault repository init`")
    }

    private func lease(_ points: [StoredPoint]) async throws -> CopyReport {
        let lease = try RunLease(in: leases, tag: destination.repository.tag)
        defer { withExtendedLifetime(lease) {} }
        let session = try await destination.naming { () async throws(EngineError) in
            try await Session.begin(.copy, on: destination.target, run: lease)
        }
        return try await session.whileLeased {
            let reading = try await source.naming { () async throws(EngineError) in
                try await Session.beginReading(.copy, on: source.target, run: lease)
            }
            guard let reading else { return try await copy(points, session, reading: nil) }
            return try await reading.whileLeased { try await copy(points, session, reading: reading) }
        }
    }

    private func copy(_ points: [StoredPoint], _ session: Session, reading: Session?) async throws -> CopyReport {
        let started = Stopwatch.now()
        let sourceRescue = try await source.naming { () async throws(EngineError) in
            try await loadSource(reading)
        }
        let loaded = try await destination.naming { () async throws(EngineError) in
            try await loadDestination(session)
        }
        let plan = try await CopyPlan(points, self)
        var report = CopyReport(isDryRun: false)
        report.take(plan)
        guard plan.count > 0 else {
            report.seconds = Stopwatch.now() - started
            return report
        }
        let work = try CopyWork(
            self, sourceSession: reading, session: session, store: loaded.store, sourceRescue: sourceRescue,
            destinationRescue: loaded.rescue, heals: loaded.heals)
        do {
            for machine in plan.machines {
                report.points += try await MachineCopy(work: work, plan: plan).run(machine)
            }
            try await work.store.flush()
        } catch {
            await detached { await work.store.abandon() }
            throw error
        }
        for warning in sourceRescue.warnings { progress(.warning(vm: nil, "repository \(source.name): \(warning)")) }
        await mergeRuns()
        report.totals = work.store.totals
        report.seconds = Stopwatch.now() - started
        return report
    }

    /// Fills the source's index; of several copies of a blob those are taken that a prune is not about to delete.
    private func loadSource(_ session: Session?) async throws(EngineError) -> BlobRescue {
        let marks = try await DamageMarks.load(from: source.target)
        var avoided = AvoidedCopies(packs: session?.condemned ?? [])
        avoided.formUnion(marks.avoided)
        let loaded = try await IndexLoader(source.repository).load(into: source.index, avoiding: avoided)
        for warning in marks.warnings + loaded.warnings {
            progress(.warning(vm: nil, "repository \(source.name): \(warning)"))
        }
        return BlobRescue(
            target: source.target, parity: source.repository.codecs.parity, index: source.index,
            avoided: loaded.avoided)
    }

    private struct Destination {
        let store: BlobStore
        let rescue: BlobRescue
        let heals: Bool
    }

    /// Cleans up behind dead runs and fills the destination's index: what is condemned or damaged counts as absent.
    private func loadDestination(_ session: Session) async throws(EngineError) -> Destination {
        let repository = destination.repository
        _ = try await repository.target.sweep()
        try await LiveSessions.sweep(repository.target, leases: leases)
        let marks = try await DamageMarks.load(from: repository.target)
        var avoided = AvoidedCopies(packs: session.condemned)
        avoided.formUnion(marks.avoided)
        let loaded = try await IndexLoader(repository).load(
            into: destination.index, avoiding: avoided, unlisted: .list)
        for warning in marks.warnings + loaded.warnings {
            progress(.warning(vm: nil, "repository \(destination.name): \(warning)"))
        }
        let store = try BlobStore(
            repository: repository, index: destination.index, session: session.id, packSize: options.packSize,
            parity: try ParityWriter(if: options.hasParity, repository), unlisted: loaded.unlisted)
        let rescue = BlobRescue(
            target: repository.target, parity: repository.codecs.parity, index: destination.index,
            avoided: loaded.avoided)
        return Destination(store: store, rescue: rescue, heals: !marks.avoided.isEmpty)
    }

    /// The restore points are committed by now: what goes wrong here costs the next start some requests.
    private func mergeRuns() async {
        do throws(EngineError) {
            try await IndexCompaction(destination.repository).runIfMany()
        } catch {
            progress(.warning(vm: nil, "repository \(destination.name): index runs were not merged: \(error)"))
        }
    }
}

extension CopyReport {
    mutating func take(_ plan: CopyPlan) {
        present = plan.present
        older = plan.older
        points = plan.unreadable
    }
}
