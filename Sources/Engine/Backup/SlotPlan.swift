/// What is to be done with each chunk slot of one leaf.
struct SlotPlan {
    private enum Slot { case kept, zeroed, read }

    private var slots: [Slot]
    private let leaf: ByteRange
    private let slotSize: UInt64

    /// - Parameters:
    ///   - leaf: the leaf's bytes on the disk.
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
            let slot = bytes(ofSlots: index..<(index + 1))
            let isWhole = range.start <= slot.start && slot.end <= range.end
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

    /// The disk's bytes of a run of slots.
    func bytes(ofSlots run: Range<Int>) -> ByteRange {
        let start = leaf.start + UInt64(run.lowerBound) * slotSize
        return ByteRange(start, min(leaf.start + UInt64(run.upperBound) * slotSize, leaf.end))
    }

    /// Runs of neighbouring slots that are to be read.
    var reads: [Range<Int>] { runs(of: .read) }
    /// Runs of neighbouring slots that are zero now.
    var zeros: [Range<Int>] { runs(of: .zeroed) }

    private func runs(of wanted: Slot) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        var start: Int?
        for (index, slot) in slots.enumerated() {
            if slot == wanted {
                start = start ?? index
            } else if let first = start {
                runs.append(first..<index)
                start = nil
            }
        }
        if let first = start { runs.append(first..<slots.count) }
        return runs
    }
}
