/// The parts of a disk whose chunks no pack holds in a good copy any more, by the tree of an earlier restore point.
///
/// A backup reads them again although they did not change: the same content gets the same id, so every restore point
/// that shares these chunks is whole again afterwards.
struct HealingRegions: Sendable {
    let trees: TreeReader
    let store: BlobStore

    /// Walks the whole tree: worth it only where the repository has marks of damage. A prune that takes the walk's nodes
    /// away is held off by the backup's session.
    /// - Returns: ascending, without overlap, neighbours joined.
    /// - Throws: `.corrupt` when a node cannot be read: then only a full backup heals.
    func regions(of disk: Manifest.Disk) async throws(EngineError) -> [ByteRange] {
        var found: [ByteRange] = []
        try await RestorePointDisk(disk, trees: trees).forEachLeaf { _, ranges throws(EngineError) in
            for mapped in ranges where !store.isStored(mapped.chunk) {
                if let last = found.last, last.end == mapped.range.start {
                    found[found.count - 1] = ByteRange(last.start, mapped.range.end)
                } else {
                    found.append(mapped.range)
                }
            }
        }
        return found
    }
}

extension RegionMap {
    /// The same map with `ranges` to be read as well, where it does not say anything of them.
    /// - Parameter ranges: ascending, without overlap.
    func reading(_ ranges: [ByteRange]) -> RegionMap {
        var added: [Region] = []
        var next = regions[...]
        for range in ranges {
            var start = range.start
            while let region = next.first, region.range.start < range.end {
                if start < region.range.start {
                    added.append(Region(ByteRange(start, region.range.start), isZero: false))
                }
                start = max(start, region.range.end)
                if region.range.end > range.end { break }
                next = next.dropFirst()
            }
            if start < range.end { added.append(Region(ByteRange(start, range.end), isZero: false)) }
        }
        let all = (regions + added).sorted { $0.range.start < $1.range.start }
        return RegionMap(coverage: coverage, regions: all, fallback: fallback)
    }
}
