/// What a prune knows of a repository before it decides: what there is, who works on it, and what is in use.
///
/// The order is what makes it safe beside writers. A pack is listed before the sessions are: its writer either still has
/// a lease, or has committed before the restore points are listed, or is dead. Condemnations are listed before the
/// sessions are: a session that has not seen one is there to be found.
struct PruneSurvey: Sendable {
    let listed: [ListedPack]
    let condemnations: [Condemnation.Listed]
    let sessions: LiveSessions
    let points: [StoredPoint]
    let marks: LiveMarks
    let usage: PackUsage
    let walk: MarkWalk
    let damage: DamageMarks.Loaded
    /// Packs that may be condemned or repacked, oldest first: none of a live session, none condemned already.
    let candidates: [ListedPack]
    /// Of the candidates, those that nothing needs.
    let garbage: Set<PackID>

    /// - Parameters:
    ///   - now: by the clock of the target.
    ///   - own: the prune's own session; nil for a dry run.
    ///   - without: restore points that count as deleted.
    init(_ run: PruneRun, now: Timestamp, own: SessionID?, without: Set<RestorePointID>) async throws {
        let target = run.repository.target
        let listed = try await target.list(prefix: ObjectLayout.packs).compactMap(ListedPack.init)
        let condemnations = try await Condemnation.all(at: target)
        let sessions = try await LiveSessions.load(
            from: target, now: now, leases: run.leases, timing: run.options.timing
        ).without(own)
        if own != nil { try await sessions.removeDead(from: target) }
        let points = try await run.repository.restorePoints().filter { !without.contains($0.id) }
        let condemned = Self.packs(condemnations)
        let damage = try await DamageMarks.load(from: target)
        var avoided = AvoidedCopies(packs: condemned)
        avoided.formUnion(damage.avoided)
        let loaded = try await IndexLoader(run.repository).load(
            into: run.index, avoiding: avoided, unlisted: .keep)
        for warning in damage.warnings + loaded.warnings { run.progress(.warning(vm: nil, warning)) }
        let table = try await BlobTable(repository: run.repository, folder: run.scratch).make(unlisted: loaded.unlisted)
        let marks = try LiveMarks(
            try await Self.references(run, points, in: table, isKept: own != nil), avoided: avoided)
        let walk = MarkWalk(repository: run.repository, index: run.index, lanes: run.options.lanes) { marks.mark($0) }
        try await walk.walk(sessions.records.flatMap(\.roots))
        let usage = try PackUsage(marks)
        self.listed = listed
        self.condemnations = condemnations
        self.sessions = sessions
        self.points = points
        self.marks = marks
        self.walk = walk
        self.usage = usage
        self.damage = damage
        let known = Set(usage.packs.map(\.id))
        let live = usage.live
        let working = Set(sessions.records.map(\.session))
        candidates = listed.filter { pack in
            known.contains(pack.id) && !condemned.contains(pack.id) && !working.contains(pack.id.session)
        }.sorted { ($0.modified, $0.id) < ($1.modified, $1.id) }
        garbage = Set(candidates.map(\.id)).subtracting(live)
    }

    /// Counts what the restore points refer to, and remembers it for the next prune.
    private static func references(
        _ run: PruneRun, _ points: [StoredPoint], in table: MappedRun, isKept: Bool
    ) async throws -> BlobReferences {
        let repository = run.repository
        let file = ReferenceFile(path: "\(run.leases)/references-\(repository.id)", repository: repository.id)
        let count = ReferenceCount(repository: repository, index: run.index, file: file, lanes: run.options.lanes)
        let result = try await count.run(points, in: table, now: .now())
        if isKept, let head = result.head {
            do throws(EngineError) {
                try file.save(head, result.references)
            } catch {
                run.progress(.warning(vm: nil, "\(error); the next prune looks at all restore points again"))
            }
        }
        return result.references
    }

    func repackPlan(_ options: PruneOptions) throws(EngineError) -> RepackPlan {
        try RepackPlan(candidates: candidates, usage: usage, marks: marks, options: options)
    }

    /// A report with what is known before anything is done.
    func report(deleting points: [StoredPoint]) -> PruneReport {
        var report = PruneReport()
        report.points = points.map(\.id).sorted()
        report.manifestBytes = points.reduce(0) { $0 + $1.size }
        report.keptPoints = self.points.count
        for pack in listed { report.packs.add(pack.size) }
        for pack in listed where garbage.contains(pack.id) { report.condemned.add(pack.size) }
        report.deadSessions = Set(sessions.dead.map { $0.lastPart.prefix(16) }).count
        report.liveSessions = sessions.records.count
        return report
    }
}

extension PruneSurvey {
    /// Tells what would be deleted at once and what would wait, when `fresh` packs were condemned now.
    func countSpace(of fresh: Set<PackID>, _ options: PruneOptions, now: Timestamp, in report: inout PruneReport) {
        let live = usage.live
        func isReady(_ stored: Condemnation.Listed) -> Bool {
            CondemnedDeletion.isReady(stored, sessions, grace: options.grace, now: now)
        }
        let ready = Self.packs(condemnations.filter(isReady))
        let waiting = Self.packs(condemnations.filter { !isReady($0) }).subtracting(ready)
        let isAlone = options.grace <= 0 && sessions.records.isEmpty
        for pack in listed {
            if fresh.contains(pack.id) {
                if isAlone { report.deleted.add(pack.size) } else { report.waiting.add(pack.size) }
            } else if ready.contains(pack.id) {
                if live.contains(pack.id) { report.resurrected.add(pack.size) } else { report.deleted.add(pack.size) }
            } else if waiting.contains(pack.id) {
                report.waiting.add(pack.size)
            }
        }
    }

    static func packs(_ condemnations: [Condemnation.Listed]) -> Set<PackID> {
        condemnations.reduce(into: []) { $0.formUnion($1.content.packs) }
    }
}

extension ListedPack {
    /// - Returns: nil for an object that is no pack.
    init?(_ object: ListedObject) {
        guard let (id, kind) = ObjectLayout.parsePack(object.key) else { return nil }
        self.init(id: id, kind: kind, size: object.size, modified: object.modified)
    }
}

extension LiveSessions {
    /// Takes away the leases of dead sessions. One that was only slow finds out after its commit and takes that back; so
    /// this comes before restore points are listed.
    func removeDead(from target: any Target) async throws(EngineError) {
        for key in dead { try await target.delete(key) }
    }

    /// All but the session that looks.
    func without(_ own: SessionID?) -> LiveSessions {
        LiveSessions(records: records.filter { $0.session != own }, dead: dead)
    }
}
