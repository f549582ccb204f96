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

    /// The extent that starts exactly at `unit` with exactly `units`, from its chunk's first byte: a chunk still whole.
    func wholeChunk(at unit: Int, units: Int) -> Digest? {
        var low = 0
        var high = extents.count
        while low < high {
            let middle = (low + high) / 2
            if extents[middle].start < unit { low = middle + 1 } else { high = middle }
        }
        guard low < extents.count, extents[low].start == unit, extents[low].units == units, extents[low].skip == 0
        else { return nil }
        return extents[low].chunk
    }
}
