import Synchronization

/// Brings one disk back: plans by pack order, fetches ahead with several lanes, checks every chunk against its id, and
/// writes. Zeros are not written: the destination is blank.
struct DiskRestore: Sendable {
    /// Writes a part of a buffer at an offset of the destination.
    typealias Write = @Sendable (Buffer, Range<Int>, UInt64) async throws(EngineError) -> Void

    let disk: RestorePointDisk
    let blobs: BlobReader
    let fetchBuffers: BufferPool
    let writeBuffers: BufferPool
    let lanes: Int
    let write: Write
    let advanced: @Sendable (UInt64) -> Void

    /// Ranges planned together: about 1 GiB of disk in chunks of 64 KiB.
    private static let window = 16_384

    /// - Returns: bytes written.
    /// - Throws: `.corrupt` naming pack and place, before a damaged byte is written; what source and target throw.
    func run() async throws -> UInt64 {
        let counter = Counter(advanced)
        var waiting: [RestorePointDisk.MappedRange] = []
        try await disk.forEachLeaf { _, ranges throws(EngineError) in
            waiting += ranges
            guard waiting.count >= Self.window else { return }
            do { try await restore(waiting, counter) } catch { throw EngineError(error) }
            waiting = []
        }
        try await restore(waiting, counter)
        return counter.value
    }

    private func restore(_ ranges: [RestorePointDisk.MappedRange], _ counter: Counter) async throws {
        guard !ranges.isEmpty else { return }
        let queue = FetchQueue(try FetchPlan(ranges, blobs: blobs).fetches)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<lanes {
                group.addTask {
                    while let fetch = queue.next() {
                        try Task.checkCancellation()
                        try await run(fetch, counter)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func run(_ fetch: FetchPlan.Fetch, _ counter: Counter) async throws(EngineError) {
        let stored = await fetchBuffers.acquire()
        let raw = await writeBuffers.acquire()
        defer {
            fetchBuffers.release(stored)
            writeBuffers.release(raw)
        }
        let fetched = try await FetchedChunks(fetch, by: blobs, in: stored)
        var run = WriteRun(buffer: raw, write: write, counter: counter)
        for chunk in fetch.chunks {
            if raw.room < Int(chunk.location.rawCount) { try await run.flush() }
            let start = raw.count
            try await fetched.decode(chunk, into: raw)
            try await run.take(chunk, from: start)
        }
        try await run.flush()
    }
}

/// Joins chunks that are neighbours on the disk into one write.
private struct WriteRun {
    let buffer: Buffer
    let write: DiskRestore.Write
    let counter: Counter
    /// Bytes of the buffer that wait to be written, and where they go.
    private var pending: Range<Int> = 0..<0
    private var offset: UInt64 = 0

    init(buffer: Buffer, write: @escaping DiskRestore.Write, counter: Counter) {
        self.buffer = buffer
        self.write = write
        self.counter = counter
    }

    /// Takes in a chunk whose bytes start at `start` of the buffer.
    mutating func take(_ chunk: FetchPlan.Chunk, from start: Int) async throws(EngineError) {
        for place in chunk.places {
            let bytes = (start + place.skip)..<(start + place.skip + Int(place.range.count))
            if pending.upperBound == bytes.lowerBound, offset + UInt64(pending.count) == place.range.start {
                pending = pending.lowerBound..<bytes.upperBound
            } else {
                try await writePending()
                pending = bytes
                offset = place.range.start
            }
        }
    }

    private mutating func writePending() async throws(EngineError) {
        guard !pending.isEmpty else { return }
        try await write(buffer, pending, offset)
        counter.add(UInt64(pending.count))
        pending = pending.upperBound..<pending.upperBound
    }

    /// Writes what waits and empties the buffer.
    mutating func flush() async throws(EngineError) {
        try await writePending()
        buffer.removeAll()
        pending = 0..<0
    }
}

/// Bytes written so far, by all lanes.
private final class Counter: Sendable {
    private let state = Mutex<UInt64>(0)
    private let advanced: @Sendable (UInt64) -> Void

    init(_ advanced: @escaping @Sendable (UInt64) -> Void) { self.advanced = advanced }

    var value: UInt64 { state.withLock { $0 } }

    func add(_ count: UInt64) {
        advanced(
            state.withLock { value in
                value += count
                return value
            })
    }
}

/// Fetches that lanes take one after the other.
private final class FetchQueue: Sendable {
    private let state: Mutex<(fetches: [FetchPlan.Fetch], position: Int)>

    init(_ fetches: [FetchPlan.Fetch]) { state = Mutex((fetches, 0)) }

    func next() -> FetchPlan.Fetch? {
        state.withLock { state in
            guard state.position < state.fetches.count else { return nil }
            defer { state.position += 1 }
            return state.fetches[state.position]
        }
    }
}
