/// What the index on disk knows at a moment: entries in memory, and the files with the others.
struct DiskIndexState {
    /// Newest entries.
    var table = EntryTable()
    /// Entries that are being written to a file.
    var spilling = EntryTable()
    /// Packs whose entries are in the tables.
    var tablePacks: Set<PackID> = []
    var pending: Set<Digest> = []
    var avoided = AvoidedCopies()
    /// Newest last.
    private(set) var levels: [Level] = []
    /// Counts the times that entries moved from one place to another.
    private(set) var generation = 0
    /// Nil until the repository is known; nothing is written before.
    var folder: IndexFolder?
    var catalogue = RunCatalogue()
    /// Packs that count: those that a run has listed since this process began, and those it has recorded itself. What was
    /// relied on once stays known for as long as the process runs.
    private var counted: Set<PackID> = []

    /// A file, and which of its packs do not count because no run of the repository lists them any more.
    struct Level: Sendable {
        let cached: CachedRun
        /// By the pack's number; empty when all count.
        var hidden: [Bool] = []

        func isHidden(_ packNumber: Int) -> Bool { packNumber < hidden.count && hidden[packNumber] }

        /// Whether the pack is there and counts.
        func shows(_ pack: PackID) -> Bool {
            guard cached.packs.contains(pack) else { return false }
            return hidden.isEmpty
                || !cached.run.packs.indices.contains { cached.run.packs[$0].id == pack && hidden[$0] }
        }
    }

    enum Step {
        case answer(ChunkClaim)
        /// Files may have it: to be looked up without the lock.
        case look([Level], AvoidedCopies, generation: Int)
    }

    mutating func claim(_ id: Digest) -> Step {
        if let known = table.wanted(id, avoiding: avoided) ?? spilling.wanted(id, avoiding: avoided) {
            return .answer(.stored(known))
        }
        if pending.contains(id) { return .answer(.pending) }
        let levels = candidates(for: id)
        guard levels.isEmpty else { return .look(levels, avoided, generation: generation) }
        pending.insert(id)
        return .answer(.new)
    }

    /// Claims a blob that files do not have; nil when entries moved since they were looked at.
    mutating func take(_ id: Digest, ifStill generation: Int) -> ChunkClaim? {
        guard generation == self.generation else { return nil }
        if let known = table.wanted(id, avoiding: avoided) ?? spilling.wanted(id, avoiding: avoided) {
            return .stored(known)
        }
        return pending.insert(id).inserted ? .new : .pending
    }

    /// The files that may have the blob, newest first.
    func candidates(for id: Digest) -> [Level] {
        guard levels.contains(where: { $0.cached.filter.mayContain(id) }) else { return [] }
        return levels.reversed().filter { $0.cached.filter.mayContain(id) }
    }

    /// The copies in the tables.
    func inMemory(_ id: Digest) -> [BlobLocation] {
        let found = table.copies(of: id)
        return found + spilling.copies(of: id).filter { other in !found.contains { $0.pack == other.pack } }
    }

    mutating func insert(_ entries: [BlobEntry], isOwn: Bool) {
        for entry in entries {
            let pack = entry.location.pack
            if !avoided.contains(entry.id, in: pack) { pending.remove(entry.id) }
            table.insert(entry)
            tablePacks.insert(pack)
            if isOwn { counted.insert(pack) }
        }
    }

    /// Begins to move the table into a file; nil when that is under way or there is nothing to move.
    mutating func beginSpill() -> EntryTable? {
        guard spilling.count == 0, table.count > 0 else { return nil }
        (spilling, table) = (table, EntryTable())
        return spilling
    }

    /// The file has what was moved.
    mutating func endSpill(_ cached: CachedRun) {
        spilling = EntryTable()
        tablePacks.subtract(cached.packs)
        replace([], by: cached)
    }

    /// The file could not be written: what should have moved stays in memory.
    mutating func cancelSpill() {
        for entry in spilling.sorted { table.insert(entry) }
        spilling = EntryTable()
    }

    /// Puts one file in the place of several.
    mutating func replace(_ old: [CachedRun], by new: CachedRun?) {
        levels.removeAll { level in old.contains { $0 === level.cached } }
        if let new { levels.append(Level(cached: new)) }
        generation += 1
    }

    /// Whether every entry of the pack is known here.
    func covers(_ pack: PackID) -> Bool {
        tablePacks.contains(pack) || levels.contains { $0.cached.packs.contains(pack) }
    }

    /// Lets packs count that a run of the repository lists, and hides those that do not count.
    mutating func show(_ listed: Set<PackID>) {
        counted.formUnion(listed)
        for position in levels.indices {
            let packs = levels[position].cached.run.packs
            let hidden = packs.map { !counted.contains($0.id) }
            levels[position].hidden = hidden.contains(true) ? hidden : []
        }
        generation += 1
    }
}
