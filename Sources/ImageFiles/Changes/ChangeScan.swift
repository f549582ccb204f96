import Engine

/// Reads a whole image, compares it block by block with the checksums of an earlier capture, and writes new ones.
///
/// Costs the reading of what is not a hole; holes cost nothing on either side.
struct ChangeScan {
    let image: OpenImage
    let earlier: HashFile
    let current: HashFile

    /// Bytes read at once.
    private static let window: UInt64 = 4 << 20

    /// What differs, ascending.
    func regions() throws(EngineError) -> [RegionMap.Region] {
        var found = RegionList(size: image.size)
        let buffer = Buffer(capacity: Int(Self.window))
        let used = UsedBlocks(image: image)
        var offset: UInt64 = 0
        while offset < image.size {
            let run = try used.next(from: offset) ?? ByteRange(image.size, image.size)
            try compareHole(ByteRange(offset, run.start), &found)
            for start in stride(from: run.start, to: run.end, by: Int(Self.window)) {
                try compareData(ByteRange(start, min(run.end, start + Self.window)), buffer, &found)
            }
            offset = run.end
        }
        return found.regions
    }

    private func compareData(
        _ range: ByteRange, _ buffer: Buffer, _ found: inout RegionList
    ) throws(EngineError) {
        buffer.removeAll()
        try image.read(range, into: buffer)
        let entries = BlockHashing.entries(of: buffer)
        let first = range.start / UsedBlocks.blockSize
        let before = try earlier.entries(from: first, count: entries.count)
        for (index, entry) in entries.enumerated() where !HashFile.isSame(entry, before[index]) {
            found.add(block: first + UInt64(index), isZero: entry == HashFile.zeros)
        }
        try current.set(entries, from: first)
    }

    /// Blocks that held data and are a hole now.
    private func compareHole(_ range: ByteRange, _ found: inout RegionList) throws(EngineError) {
        let end = (range.end + UsedBlocks.blockSize - 1) / UsedBlocks.blockSize
        var block = range.start / UsedBlocks.blockSize
        while block < end, let next = try earlier.nextEntry(from: block), next < end {
            let count = Int(min(512, end - next))
            for (index, entry) in try earlier.entries(from: next, count: count).enumerated()
            where entry > HashFile.zeros {
                found.add(block: next + UInt64(index), isZero: true)
            }
            block = next + UInt64(count)
        }
    }
}

/// Regions made of blocks that come in ascending order; neighbours of one kind become one region.
struct RegionList {
    let size: UInt64
    private(set) var regions: [RegionMap.Region] = []

    init(size: UInt64) { self.size = size }

    mutating func add(block: UInt64, isZero: Bool) {
        let start = block * UsedBlocks.blockSize
        let end = min(size, start + UsedBlocks.blockSize)
        if let last = regions.last, last.range.end == start, last.isZero == isZero {
            regions[regions.count - 1] = RegionMap.Region(ByteRange(last.range.start, end), isZero: isZero)
        } else {
            regions.append(RegionMap.Region(ByteRange(start, end), isZero: isZero))
        }
    }
}
