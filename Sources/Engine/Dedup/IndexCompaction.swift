/// Merges the index runs of a repository: every backup adds one, and each costs a request at every start.
///
/// It runs beside anything, in any number of processes. Merged runs list whole packs, so a run that is lost is made good
/// by its packs' tables, and readers that lose a run in between list again.
///
/// Crash story: a merged run is durable before those it was made of go, so at worst entries are listed twice.
package struct IndexCompaction: Sendable {
    private let repository: Repository
    private var target: any Target { repository.target }

    /// Bytes. Runs are merged up to this size, in memory.
    static let outputLimit = 16 << 20
    /// Runs of similar size, each at most four times another, that may stand beside each other.
    static let runsPerTier = 8
    /// So many runs make the end of a backup merge them.
    static let manyRuns = 96

    package init(_ repository: Repository) { self.repository = repository }

    package struct Result: Sendable, Equatable {
        /// Runs that were replaced.
        package internal(set) var merged = 0
        /// Runs that were written in their place.
        package internal(set) var written = 0
    }

    /// Merges only when there are very many runs: at the end of a backup.
    package func runIfMany() async throws(EngineError) {
        guard try await target.list(prefix: ObjectLayout.index).count > Self.manyRuns else { return }
        _ = try await run()
    }

    /// Merges runs of similar size where there are many of them.
    /// - Parameter packs: to be listed by no run afterwards, because they are about to be deleted.
    /// - Throws: what the target throws; a run that is damaged is removed, for its packs say the same.
    @discardableResult
    package func run(leavingOut packs: Set<PackID> = []) async throws(EngineError) -> Result {
        let stored = try await StoredRuns.list(repository)
        var result = Result()
        let affected = try await runs(of: stored, listing: packs)
        for group in Self.groups(of: stored.runs, affected: affected) {
            try await merge(group, of: stored, leavingOut: packs, &result)
        }
        return result
    }

    /// Names of the runs that list one of the packs.
    private func runs(
        of stored: StoredRuns, listing packs: Set<PackID>
    ) async throws(EngineError) -> Set<String> {
        guard !packs.isEmpty else { return [] }
        let hits = try await target.together(stored.runs) { run -> String? in
            do throws(EngineError) {
                return try await stored.head(run).packs.contains { packs.contains($0.id) } ? run.name : nil
            } catch {
                guard error.isOfOneRun else { throw error }
                return error.kind == .corrupt ? run.name : nil
            }
        }
        return Set(hits.compactMap(\.self))
    }

    /// What is to be merged: runs that must be written anew, and tiers that have too many; each group fits into one run.
    static func groups(of runs: [StoredRuns.Run], affected: Set<String>) -> [[StoredRuns.Run]] {
        let crowded = Dictionary(grouping: runs.filter { $0.size <= outputLimit / 2 }) { tier(of: $0) }
            .values.filter { $0.count > runsPerTier }.joined().map(\.name)
        let chosen = affected.union(crowded)
        var groups: [[StoredRuns.Run]] = []
        var group: [StoredRuns.Run] = []
        for run in runs.filter({ chosen.contains($0.name) }).sorted(by: { ($0.size, $0.name) < ($1.size, $1.name) }) {
            if group.reduce(run.size, { $0 + $1.size }) > outputLimit, !group.isEmpty {
                groups.append(group)
                group = []
            }
            group.append(run)
        }
        groups.append(group)
        return groups.filter { $0.count > 1 || affected.contains($0.first?.name ?? "") }
    }

    private static func tier(of run: StoredRuns.Run) -> Int { (Int.bitWidth - run.size.leadingZeroBitCount) / 2 }

    private func merge(
        _ group: [StoredRuns.Run], of stored: StoredRuns, leavingOut packs: Set<PackID>, _ result: inout Result
    ) async throws(EngineError) {
        let most = group.reduce(0) { $0 + $1.size } / IndexRun.entryCount
        let entries = MergedEntries(leavingOut: packs, most: most)
        let outcomes = try await target.together(group) { run -> Bool in
            do throws(EngineError) {
                entries.add(try await stored.whole(run))
                return true
            } catch {
                guard error.isOfOneRun else { throw error }
                return error.kind == .corrupt
            }
        }
        if let object = entries.encoded() {
            try await target.put(ObjectLayout.index(IndexRun.newName()), object)
            result.written += 1
        }
        for (run, isMerged) in zip(group, outcomes) where isMerged {
            try await target.delete(ObjectLayout.index(run.name))
            result.merged += 1
        }
    }
}
