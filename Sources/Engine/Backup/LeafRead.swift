/// One read from the source, and the runs of it that are wanted.
struct LeafRead {
    /// Units of the leaf.
    private(set) var units: Range<Int>
    /// The parts that become chunks; what lies between them is read along and dropped.
    private(set) var runs: [Range<Int>]

    /// Units. A source takes longer for one more request than for 16 KiB more of this one. What lies in such a gap is
    /// never stored: a chunk's row in every table costs less than its bytes.
    private static let gap = 4

    /// Few reads that hold all of `runs`, which ascend.
    static func joining(_ runs: [Range<Int>]) -> [LeafRead] {
        runs.reduce(into: []) { reads, run in
            if let last = reads.last, run.lowerBound - last.units.upperBound <= gap {
                reads[reads.count - 1].units = last.units.lowerBound..<run.upperBound
                reads[reads.count - 1].runs.append(run)
            } else {
                reads.append(LeafRead(units: run, runs: [run]))
            }
        }
    }
}
