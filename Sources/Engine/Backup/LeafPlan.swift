/// The leaves that a backup must look at, in ascending order, made one by one so that a huge disk needs no huge list.
struct LeafPlan: IteratorProtocol, Sequence, Sendable {
    /// One leaf and the regions within it.
    struct Work: Sendable {
        let leaf: UInt64
        let regions: [RegionMap.Region]
    }

    private let regions: [RegionMap.Region]
    private var position = 0
    /// Where the rest of the current region starts.
    private var start: UInt64 = 0

    /// - Parameter regions: ascending, without overlap.
    init(_ regions: [RegionMap.Region]) {
        self.regions = regions
        start = regions.first?.range.start ?? 0
    }

    mutating func next() -> Work? {
        guard position < regions.count else { return nil }
        let span = UInt64(RepositoryFormat.leafSpan)
        let leaf = start / span
        let end = (leaf + 1) * span
        var within: [RegionMap.Region] = []
        while position < regions.count, start < end {
            let region = regions[position]
            let stop = Swift.min(region.range.end, end)
            within.append(RegionMap.Region(ByteRange(start, stop), isZero: region.isZero))
            if stop == region.range.end {
                position += 1
                start = position < regions.count ? regions[position].range.start : 0
            } else {
                start = stop
            }
        }
        return Work(leaf: leaf, regions: within)
    }
}
