import Engine
import Synchronization

/// What `scan` remembers of one disk: the checksums of the last committed capture, and those of this one, which take
/// their place when it is committed.
///
/// Crash story: this capture's file has a temporary name until it is whole and committed; a sweep removes it.
final class DiskMemory: Sendable {
    private let image: OpenImage
    private let committedPath: String
    private let current: HashFile
    /// Whether a scan has filled `current`; otherwise reads fill it as they come.
    private let isScanned = Mutex(false)

    /// - Parameter folder: of this VM, for one repository.
    init(_ image: OpenImage, disk: String, in folder: String, run: String) throws(EngineError) {
        self.image = image
        committedPath = folder + "/" + FileName.escaped(disk) + ".hashes"
        current = try HashFile.create(folder + "/" + TemporaryName(of: run).text, size: image.size)
    }

    /// The difference to the capture `id`, or why there is none.
    func changes(since id: String) throws(EngineError) -> (regions: [RegionMap.Region], fallback: String?) {
        switch try HashFile.open(committedPath, capture: id, size: image.size) {
        case .absent(let reason): return ([], reason)
        case .found(let earlier):
            let regions = try ChangeScan(image: image, earlier: earlier, current: current).regions()
            isScanned.withLock { $0 = true }
            return (regions, nil)
        }
    }

    /// Takes in bytes `range` of the disk that were just appended to `buffer`.
    func note(_ range: ByteRange, in buffer: Buffer) throws(EngineError) {
        guard !isScanned.withLock({ $0 }) else { return }
        let size = UsedBlocks.blockSize
        let first = (range.start + size - 1) / size * size
        let end = range.end == image.size ? range.end : range.end / size * size
        guard first < end else { return }
        let start = buffer.count - Int(range.count) + Int(first - range.start)
        try current.set(BlockHashing.entries(of: buffer, start..<(start + Int(end - first))), from: first / size)
    }

    /// Makes this capture the one that the next is compared with.
    func commit(as id: String) throws(EngineError) {
        if !isScanned.withLock({ $0 }) { try fillGaps() }
        try image.checkUnchanged()
        try current.complete(as: committedPath, capture: id, size: image.size)
    }

    func abandon() throws(EngineError) { try current.remove() }

    /// Reads the blocks that no read covered whole.
    private func fillGaps() throws(EngineError) {
        let size = UsedBlocks.blockSize
        let buffer = Buffer(capacity: Int(size))
        let used = UsedBlocks(image: image)
        var offset: UInt64 = 0
        while offset < image.size, let run = try used.next(from: offset) {
            for start in stride(from: run.start, to: run.end, by: Int(512 * size)) {
                let end = min(run.end, start + 512 * size)
                let entries = try current.entries(from: start / size, count: Int((end - start + size - 1) / size))
                for (index, entry) in entries.enumerated() where entry == HashFile.hole {
                    let place = start + UInt64(index) * size
                    buffer.removeAll()
                    try image.read(ByteRange(place, min(image.size, place + size)), into: buffer)
                    try current.set(BlockHashing.entries(of: buffer), from: place / size)
                }
            }
            offset = run.end
        }
    }
}
