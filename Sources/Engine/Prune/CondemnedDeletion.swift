/// The second phase of a prune: deletes condemned packs that nobody can need any more.
struct CondemnedDeletion: Sendable {
    let run: PruneRun
    let session: Session
    let survey: PruneSurvey
    /// Packs whose blobs in use have copies in newer packs.
    let replaced: Set<PackID>

    private var target: any Target { run.repository.target }

    func run(_ condemnations: [Condemnation.Listed], _ report: inout PruneReport) async throws {
        guard !condemnations.isEmpty else { return }
        let now = try await session.renewedTime()
        let sessions = try await LiveSessions.load(
            from: target, now: now, leases: run.leases, timing: run.options.timing
        ).without(session.id)
        try await sessions.removeDead(from: target)
        func isReady(_ stored: Condemnation.Listed) -> Bool {
            Self.isReady(stored, sessions, grace: run.options.grace, now: now)
        }
        let ready = condemnations.filter(isReady)
        let needed = try await needed(sessions)
        let chosen = PruneSurvey.packs(ready)
        let waiting = PruneSurvey.packs(condemnations.filter { !isReady($0) })
        let victims = survey.listed.filter { chosen.contains($0.id) && !needed.contains($0.id) }
        try await delete(victims)
        for condemnation in ready { try await target.delete(condemnation.key) }
        for pack in victims { report.deleted.add(pack.size) }
        let gone = Set(victims.map(\.id))
        for pack in survey.listed where !gone.contains(pack.id) {
            if chosen.contains(pack.id) {
                report.resurrected.add(pack.size)
            } else if waiting.contains(pack.id) {
                report.waiting.add(pack.size)
            }
        }
    }

    /// Whether the grace is over and every live session knows that it must not build on these packs.
    static func isReady(
        _ condemnation: Condemnation.Listed, _ sessions: LiveSessions, grace: Double, now: Timestamp
    ) -> Bool {
        let age = Double(now.milliseconds - condemnation.modified.milliseconds) / 1000
        return age >= grace && sessions.records.allSatisfy { $0.seen.contains(condemnation.name) }
    }

    /// Packs that something needs now: what the survey found, and what was committed or pinned since.
    private func needed(_ sessions: LiveSessions) async throws -> Set<PackID> {
        let known = Set(survey.points)
        let fresh = try await run.repository.restorePoints().filter { !known.contains($0) }
        let roots = sessions.records.flatMap(\.roots)
        guard !fresh.isEmpty || !roots.isEmpty else { return survey.usage.live.subtracting(replaced) }
        _ = try await IndexLoader(run.repository).load(into: run.index)
        survey.marks.follow()
        try await survey.walk.walk(fresh)
        try await survey.walk.walk(roots)
        return survey.usage.live.subtracting(replaced).union(survey.marks.followed)
    }

    /// Deletes packs; before, no index lists them any more.
    private func delete(_ packs: [ListedPack]) async throws {
        guard !packs.isEmpty else { return }
        try session.checkAlive()
        try await IndexCompaction(run.repository).run(leavingOut: Set(packs.map(\.id)))
        let hasParity = try await !target.list(prefix: ObjectLayout.parity).isEmpty
        try await withThrowingTaskGroup(of: Void.self) { group in
            var waiting = packs.makeIterator()
            func start() {
                guard let pack = waiting.next() else { return }
                group.addTask {
                    try session.checkAlive()
                    try await target.delete(ObjectLayout.pack(pack.id, pack.kind))
                    if hasParity { try await target.delete(ObjectLayout.parity(pack.id)) }
                }
            }
            for _ in 0..<run.options.lanes { start() }
            while try await group.next() != nil {
                try Task.checkCancellation()
                start()
            }
        }
    }
}
