/// What is to be done with each slot of one leaf: a cell of the grid, or a unit of 4 KiB.
struct SlotPlan {
    private enum Slot { case kept, zeroed, read }

    private var slots: [Slot]
    private let leaf: ByteRange
    private let slotSize: UInt64

    /// - Parameters:
    ///   - leaf: the leaf's bytes on the disk.
    ///   - slotSize: bytes, a multiple of 4 KiB.
    ///   - coverage: with `.used`, zero regions need nothing: slots are zero until something is read.
    init(_ regions: [RegionMap.Region], leaf: ByteRange, slotSize: UInt64, coverage: RegionMap.Coverage) {
        self.leaf = leaf
        self.slotSize = slotSize
        slots = Array(repeating: .kept, count: Int((leaf.count + slotSize - 1) / slotSize))
        if coverage == .changes { for region in regions where region.isZero { mark(zero: region.range) } }
        for region in regions where !region.isZero { mark(read: region.range) }
    }

    /// A slot that is zeroed only in part must be read.
    private mutating func mark(zero range: ByteRange) {
        for index in indexes(range) {
            let start = leaf.start + UInt64(index) * slotSize
            let end = min(start + slotSize, leaf.end)
            let isWhole = range.start <= start && end <= range.end
            if !isWhole { slots[index] = .read } else if slots[index] == .kept { slots[index] = .zeroed }
        }
    }

    private mutating func mark(read range: ByteRange) {
        for index in indexes(range) { slots[index] = .read }
    }

    private func indexes(_ range: ByteRange) -> Range<Int> {
        let first = (range.start - leaf.start) / slotSize
        let last = (range.end - leaf.start + slotSize - 1) / slotSize
        return Int(first)..<Int(last)
    }

    /// Runs of units of the leaf that are to be read.
    var reads: [Range<Int>] { runs(of: .read) }
    /// Runs of units of the leaf that are zero now.
    var zeros: [Range<Int>] { runs(of: .zeroed) }

    private func runs(of wanted: Slot) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        var start: Int?
        for (index, slot) in slots.enumerated() {
            if slot == wanted {
                start = start ?? index
            } else if let first = start {
                runs.append(units(first..<index))
                start = nil
            }
        }
        if let first = start { runs.append(units(first..<slots.count)) }
        return runs
    }

    private func units(_ run: Range<Int>) -> Range<Int> {
        let each = Int(slotSize) / RepositoryFormat.unit
        let all = Int(leaf.count + UInt64(RepositoryFormat.unit) - 1) / RepositoryFormat.unit
        return (run.lowerBound * each)..<min(run.upperBound * each, all)
    }
}
