extension RegionMap {
    /// Checks what a source says before anything is built on it.
    /// - Throws: `.failed` when regions overlap, go back or leave the disk; a backup on top of them would be wrong.
    func validated(size: UInt64) throws(EngineError) -> RegionMap {
        var end: UInt64 = 0
        for region in regions {
            guard region.range.start >= end, region.range.end <= size, !region.range.isEmpty else {
                throw EngineError(
                    .failed,
                    "the source named bytes \(region.range.start)–\(region.range.end) of a disk of \(size), out of order "
                        + "or outside it; nothing was stored. Run again with --full")
            }
            end = region.range.end
        }
        return self
    }

    /// Bytes named.
    var changedBytes: UInt64 { regions.reduce(0) { $0 + $1.range.count } }
}
