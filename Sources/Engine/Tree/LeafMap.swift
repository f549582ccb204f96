/// A leaf while it is changed: extents that stay in order whatever is replaced.
struct LeafMap {
    private(set) var extents: [TreeNode.Extent]

    init(_ extents: [TreeNode.Extent] = []) { self.extents = extents }

    /// Makes `units` of the leaf be what `replacement` says, zero where it says nothing. Extents that reach into the
    /// range are cut; their chunks are still used for the rest.
    mutating func replace(_ units: Range<Int>, with replacement: [TreeNode.Extent]) {
        var result: [TreeNode.Extent] = []
        result.reserveCapacity(extents.count + replacement.count + 1)
        for extent in extents where extent.start < units.lowerBound {
            var head = extent
            head.units = min(extent.end, units.lowerBound) - extent.start
            result.append(head)
        }
        result.append(contentsOf: replacement)
        for extent in extents where extent.end > units.upperBound {
            var tail = extent
            let cut = max(0, units.upperBound - extent.start)
            tail.start += cut
            tail.skip += cut
            tail.units -= cut
            result.append(tail)
        }
        extents = result
    }

    /// The extents within `units` that begin with their chunk's first byte; most are whole chunks.
    func chunks(within units: Range<Int>) -> [TreeNode.Extent] {
        extents.filter { $0.skip == 0 && $0.start >= units.lowerBound && $0.end <= units.upperBound }
    }

    /// Runs of units that are not zero.
    var runs: [Range<Int>] {
        extents.reduce(into: []) { runs, extent in
            if let last = runs.last, last.upperBound == extent.start {
                runs[runs.count - 1] = last.lowerBound..<extent.end
            } else {
                runs.append(extent.start..<extent.end)
            }
        }
    }

    /// Whether so many extents have been cut that it is worth reading the leaf once and cutting it anew: more than
    /// twice as many as chunks of `averageUnits` would make, and 256 more. With chunks of 64 KiB a leaf that was just cut
    /// anew has some 55, so that about 160 regions must change before it is its turn again: each pays for 7 units.
    func isFragmented(averageUnits: Int) -> Bool {
        guard extents.count > 256 else { return false }
        let mapped = extents.reduce(0) { $0 + $1.units }
        return extents.count > 2 * (runs.count + mapped / averageUnits) + 256
    }
}
