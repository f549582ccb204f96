/// A disk of a restore point for random reads, straight from its chunks, each checked against its id.
package struct RestorePointReader: BlockReader {
    private let disk: RestorePointDisk
    private let blobs: BlobReader
    private let leaves: LeafRanges
    private let fetchBuffers: BufferPool
    private let chunkBuffers: BufferPool

    /// Leaves that are brought at once at most: reads beyond that wait for a buffer.
    static let lanes = 4

    init(_ disk: RestorePointDisk, blobs: BlobReader) {
        self.disk = disk
        self.blobs = blobs
        leaves = LeafRanges(disk, at: blobs.target)
        fetchBuffers = BufferPool(limit: Self.lanes, capacity: FetchPlan.capacity)
        chunkBuffers = BufferPool(limit: Self.lanes, capacity: RepositoryFormat.chunkLimit)
    }

    package var size: UInt64 { disk.disk.size }

    /// Chunks end where leaves end, so that no chunk of a whole leaf is decoded twice.
    package var bestRead: UInt64 { UInt64(RepositoryFormat.leafSpan) }

    package func extents(in range: ByteRange) async throws(EngineError) -> [DiskExtent] {
        var list = ExtentList()
        var position = range.start
        for mapped in try await leaves.mapped(in: range) {
            list.append(ByteRange(position, mapped.range.start), isZero: true)
            list.append(mapped.range, isZero: false)
            position = mapped.range.end
        }
        list.append(ByteRange(position, range.end), isZero: true)
        return list.extents
    }

    package func read(_ range: ByteRange, into output: Buffer) async throws(EngineError) {
        let base = output.count
        output.appendZeros(Int(range.count))
        let plan = try FetchPlan(try await leaves.mapped(in: range), blobs: blobs)
        for fetch in plan.fetches {
            try await read(fetch) { place, bytes in
                output.fill(bytes, at: base + Int(place.start - range.start))
            }
        }
    }

    /// Calls `use` with every place of the fetched chunks and its bytes.
    private func read(
        _ fetch: FetchPlan.Fetch, _ use: (ByteRange, RawSpan) -> Void
    ) async throws(EngineError) {
        let stored = await fetchBuffers.acquire()
        let raw = await chunkBuffers.acquire()
        defer {
            fetchBuffers.release(stored)
            chunkBuffers.release(raw)
        }
        let fetched = try await FetchedChunks(fetch, by: blobs, in: stored)
        for chunk in fetch.chunks {
            raw.removeAll()
            try await fetched.decode(chunk, into: raw)
            for place in chunk.places {
                raw.withBytes(place.skip..<(place.skip + Int(place.range.count))) { use(place.range, $0) }
            }
        }
    }
}
