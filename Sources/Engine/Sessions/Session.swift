import Synchronization

/// A lease on a repository, for as long as something reads or writes there: it keeps a prune that runs beside it, from
/// whatever host, from taking away what this session needs. Nobody ever waits for it.
///
/// The order makes it safe: first the lease is put, then the condemnations are read, then the lease says which were
/// seen. A prune deletes condemned packs only when every live lease has seen the condemnation, and looks at the leases
/// before it looks at the restore points.
///
/// Crash story: the lease stays. This proxy's next prune sees that its run is dead; others wait until it expires.
package final class Session: Sendable {
    package let id: SessionID
    /// Packs that a prune has condemned: what only they hold counts as absent for new backups.
    package let condemned: Set<PackID>

    private struct State {
        var record: SessionRecord
        var number = 0
        /// Number of the newest object that is at the target.
        var current = 0
        /// Older ones that are there still, and when a newer one was.
        var superseded: [(number: Int, since: Double)] = []
        /// When the last renewal that succeeded began.
        var renewed: Double
        var renewal: Task<Void, Never>?
    }

    private let target: any Target
    private let timing: SessionTiming
    private let state: Mutex<State>

    /// Puts the lease and reads the condemnations.
    /// - Parameter run: this proxy's own lease of the run.
    /// - Throws: what the target throws; a target that cannot be written to cannot be leased.
    package static func begin(
        _ purpose: SessionRecord.Purpose, on target: any Target, run: RunLease, timing: SessionTiming = SessionTiming()
    ) async throws(EngineError) -> Session {
        var generator = SystemRandomNumberGenerator()
        let record = SessionRecord(
            session: .random(using: &generator), purpose: purpose, proxy: run.proxy, run: run.name, started: .now(),
            seen: [], roots: [])
        let lease = Lease(target: target, record: record)
        try await lease.put()
        do {
            let condemnations = try await Condemnation.all(at: target)
            let session = Session(lease, condemnations, timing)
            try await session.renew { $0.seen = condemnations.map(\.name) }
            session.startRenewing()
            return session
        } catch {
            await detached { try? await target.delete(lease.key) }
            throw error
        }
    }

    /// The first object of a session, before it has seen anything.
    private struct Lease {
        let target: any Target
        let record: SessionRecord
        var key: ObjectKey { ObjectLayout.session(record.session, 0) }
        let began = SessionTiming.now()

        func put() async throws(EngineError) {
            try await target.put(key, SessionRecord.document.seal(record))
        }
    }

    private init(_ lease: Lease, _ condemnations: [Condemnation.Listed], _ timing: SessionTiming) {
        id = lease.record.session
        condemned = condemnations.reduce(into: []) { $0.formUnion($1.content.packs) }
        target = lease.target
        self.timing = timing
        state = Mutex(State(record: lease.record, renewed: lease.began))
    }

    deinit { state.withLock { $0.renewal?.cancel() } }

    /// Begins a session for work that only reads. A target that cannot be written to is read without a lease.
    package static func beginReading(
        _ purpose: SessionRecord.Purpose, on target: any Target, run: RunLease
    ) async throws(EngineError) -> Session? {
        do {
            return try await begin(purpose, on: target, run: run)
        } catch  where error.kind == .denied || error.kind == .noSpace {
            return nil
        }
    }

    /// Runs `work` and gives the lease back afterwards, however it ends.
    package func whileLeased<R: Sendable>(_ work: () async throws -> R) async throws -> R {
        do {
            let result = try await work()
            await end()
            return result
        } catch {
            await end()
            throw error
        }
    }

    /// Keeps everything below `roots` readable until the session ends. The caller makes sure afterwards that the restore
    /// points they come from are still there.
    package func pin(_ roots: [SessionRecord.Root]) async throws(EngineError) {
        try await renew { $0.roots += roots }
    }

    /// Takes back a `pin`. The lease says so when it is renewed next.
    package func unpin(_ roots: [SessionRecord.Root]) {
        state.withLock { state in
            for root in roots {
                guard let position = state.record.roots.firstIndex(of: root) else { continue }
                state.record.roots.remove(at: position)
            }
        }
    }

    /// - Throws: `.failed` when the lease could not be renewed for so long that others may take it for dead: nothing
    ///   may be published any more.
    package func checkAlive() throws(EngineError) {
        let renewed = state.withLock { $0.renewed }
        guard SessionTiming.now() - renewed < timing.patience else {
            throw EngineError(
                .failed,
                "the lease at the repository could not be renewed for \(Int(timing.patience / 60)) minutes, "
                    + "so that a prune may have taken this run for dead; run it again", isRetryable: true)
        }
    }

    /// Makes sure that nobody took the session for dead.
    /// - Throws: `.failed` when the lease is gone: what was published last must be taken back.
    package func confirm() async throws(EngineError) {
        while true {
            let current = state.withLock { $0.current }
            guard try await target.size(of: ObjectLayout.session(id, current)) == nil else { return }
            guard state.withLock({ $0.current }) == current else { continue }
            throw EngineError(
                .failed, "the lease at the repository is gone: a prune took this run for dead; run it again",
                isRetryable: true)
        }
    }

    /// Gives the lease back. What cannot be removed now expires.
    package func end() async {
        let renewal = state.withLock { state in
            defer { state.renewal = nil }
            return state.renewal
        }
        renewal?.cancel()
        await renewal?.value
        let (target, prefix) = (target, ObjectLayout.session(id))
        await detached {
            for object in (try? await target.list(prefix: prefix)) ?? [] { try? await target.delete(object.key) }
        }
    }

    /// The time at the target: that of the object put last by this session.
    func renewedTime() async throws(EngineError) -> Timestamp {
        try await renew { _ in }
        let newest = try await target.list(prefix: ObjectLayout.session(id)).map(\.modified).max()
        guard let newest else { throw EngineError(.failed, "the lease at the repository is gone; run it again") }
        return newest
    }

    /// What to say when the clock of the target is not that of this machine; nil when they agree within five minutes.
    package func clockWarning(now: Timestamp = .now()) async throws(EngineError) -> String? {
        let theirs = try await renewedTime()
        guard abs(theirs.milliseconds - now.milliseconds) > 300_000 else { return nil }
        return
            "this machine's clock says \(now), that of the repository's target \(theirs): set them right, since restore "
            + "points are dated by this machine's"
    }

    /// Puts the record, changed, under the next number, and deletes old ones. Each stays for a while after the next is
    /// there: a listing that is being made meanwhile may show neither of two that were swapped.
    private func renew(_ change: (inout SessionRecord) -> Void) async throws(EngineError) {
        let began = SessionTiming.now()
        let (number, record) = state.withLock { state in
            change(&state.record)
            state.number += 1
            return (state.number, state.record)
        }
        try await target.put(ObjectLayout.session(id, number), SessionRecord.document.seal(record))
        let old = state.withLock { state in
            let now = SessionTiming.now()
            state.renewed = max(state.renewed, began)
            state.superseded.append((min(state.current, number), now))
            state.current = max(state.current, number)
            let count = state.superseded.prefix { now - $0.since >= timing.overlap }.count
            defer { state.superseded.removeFirst(count) }
            return state.superseded.prefix(count).map(\.number)
        }
        for number in old { try await target.delete(ObjectLayout.session(id, number)) }
    }

    private func startRenewing() {
        let interval = timing.renewal
        let task = Task.detached(executorPreference: BlockingThreads.shared) { [weak self] in
            while (try? await Task.sleep(for: .seconds(interval))) != nil {
                // A renewal that fails is tried again; `checkAlive` knows how long it has been failing.
                try? await self?.renew { _ in }
            }
        }
        state.withLock { $0.renewal = task }
    }
}
