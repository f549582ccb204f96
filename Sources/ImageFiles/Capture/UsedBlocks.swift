import Engine

/// The blocks of an image that are not holes: runs on multiples of the block size, ascending, never touching.
struct UsedBlocks {
    let image: OpenImage

    /// Bytes of a block: what regions are cut to, and what checksums are kept for.
    static let blockSize: UInt64 = 65_536

    /// The next run at or after `offset`, itself a multiple of the block size; nil when there is none.
    func next(from offset: UInt64) throws(EngineError) -> ByteRange? {
        guard let data = try image.nextData(from: offset) else { return nil }
        var run = data.aligned(outward: Self.blockSize, limit: image.size)
        while run.end < image.size, let more = try image.nextData(from: run.end) {
            let wider = more.aligned(outward: Self.blockSize, limit: image.size)
            guard wider.start <= run.end else { break }
            run = ByteRange(run.start, max(run.end, wider.end))
        }
        return run
    }

    /// All runs as a region map's regions.
    func regions() throws(EngineError) -> [RegionMap.Region] {
        var regions: [RegionMap.Region] = []
        var offset: UInt64 = 0
        while offset < image.size, let run = try next(from: offset) {
            regions.append(RegionMap.Region(run, isZero: false))
            offset = run.end
        }
        return regions
    }
}
