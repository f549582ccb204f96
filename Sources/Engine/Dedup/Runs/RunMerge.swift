import Glibc

/// Several sorted runs as one: read side by side, each a piece at a time, so that memory is bounded whatever their sizes.
///
/// An entry that occurs in several runs, the same blob in the same pack, is passed on once; copies of a blob in
/// different packs all are.
package struct RunMerge {
    private let runs: [MappedRun]
    /// Every pack that is kept, once.
    package let packs: [RunPack]
    /// For each run, for each of its packs: its position in `packs`, or -1 when it is left out.
    private let numbers: [[Int]]

    /// - Parameter keeps: says whether the entries of a pack are passed on.
    package init(_ runs: [MappedRun], keeping keeps: (PackID) -> Bool = { _ in true }) {
        self.runs = runs
        var packs: [RunPack] = []
        var known: [PackID: Int] = [:]
        numbers = runs.map { run in
            run.packs.map { pack in
                if let number = known[pack.id] { return number }
                guard keeps(pack.id) else { return -1 }
                known[pack.id] = packs.count
                packs.append(pack)
                return packs.count - 1
            }
        }
        self.packs = packs
    }

    /// Writes everything as one run to a new file and maps it.
    /// - Throws: by `errno`; `.corrupt` when a run is cut short. The file is removed then.
    package func write(to path: String) throws(EngineError) -> MappedRun {
        try store(at: path)
        do {
            return try MappedRun(path: path)
        } catch {
            unlink(path)
            throw error
        }
    }

    /// Writes everything as one run to a new file.
    func store(at path: String) throws(EngineError) {
        let file = try RunFile(path, packs: packs)
        do {
            try forEach { record, number throws(EngineError) in try file.append(record, packNumber: number) }
            try file.seal()
        } catch {
            unlink(path)
            throw error
        }
    }

    /// How many distinct blobs there are.
    func countBlobs() throws(EngineError) -> Int {
        var count = 0
        var last: Digest?
        try forEach { record, _ throws(EngineError) in
            if record.id != last { count += 1 }
            last = record.id
        }
        return count
    }

    /// Calls `body` with every entry, ascending by id, and the number of its pack in `packs`.
    func forEach(_ body: (RunRecord, Int) throws(EngineError) -> Void) throws(EngineError) {
        var cursors: [RunCursor] = []
        for run in runs { cursors.append(try RunCursor(run)) }
        var current: Digest?
        var done: [Int] = []
        while let next = Self.lowest(cursors) {
            guard let record = cursors[next].record else { break }
            if record.id != current {
                current = record.id
                done.removeAll(keepingCapacity: true)
            }
            let number = record.packNumber < numbers[next].count ? numbers[next][record.packNumber] : -1
            if number >= 0, !done.contains(number) {
                done.append(number)
                try body(record, number)
            }
            try cursors[next].advance()
        }
    }

    /// Position of the cursor with the lowest id.
    private static func lowest(_ cursors: [RunCursor]) -> Int? {
        var found: Int?
        var lowest: Digest?
        for position in cursors.indices {
            guard let id = cursors[position].record?.id else { continue }
            if let lowest, lowest <= id { continue }
            found = position
            lowest = id
        }
        return found
    }
}
