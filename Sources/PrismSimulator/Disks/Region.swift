/// A range of a disk that changed.
struct Region: Sendable, Hashable {
    var range: Range<Int>
    /// The range reads as zero now.
    var isZero: Bool
}

/// Regions in ascending order; neighbours of one kind are merged as they come.
struct RegionList: Sendable, Hashable {
    private(set) var regions: [Region] = []

    mutating func append(_ range: Range<Int>, isZero: Bool) {
        if let last = regions.last, last.isZero == isZero, last.range.upperBound == range.lowerBound {
            regions[regions.count - 1].range = last.range.lowerBound..<range.upperBound
        } else {
            regions.append(Region(range: range, isZero: isZero))
        }
    }
}
