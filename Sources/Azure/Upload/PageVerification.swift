import Engine

/// Reads back what is in Azure and compares it: with the sums of what was sent, or with the disk where an earlier run sent it.
struct PageVerification: Sendable {
    let store: any PageStore
    let disk: AzurePlan.Disk
    let reader: PaddedDisk
    let upload: PageUpload.Done
    let depth: AzureExportRequest.Verification
    let parallelism: Int
    let line: WaitingLine
    let progress: AzureProgressSink

    /// Ranges that are read back when not all are.
    private static let samples = 64

    /// - Returns: how many bytes were compared.
    /// - Throws: `.corrupt` naming the place where the bytes differ.
    func run() async throws(EngineError) -> UInt64 {
        guard depth != .off else { return 0 }
        let sent = sampled(upload.ledger.sent).map { Item(range: $0.range, sum: $0.sum) }
        let earlier = sampled(try await earlierPieces()).map { Item(range: $0, sum: nil) }
        return try await compare(sent + earlier)
    }

    /// Some bytes, and the sum that they must have; nil for that of the disk.
    private struct Item: Sendable {
        let range: ByteRange
        let sum: UInt64?
    }

    private func compare(_ items: [Item]) async throws(EngineError) -> UInt64 {
        let total = items.reduce(UInt64(0)) { $0 + $1.range.count }
        let buffers = BufferPool(limit: 2 * parallelism, capacity: Int(PageLayout.slot))
        do {
            try await withThrowingTaskGroup(of: (lane: Int, count: UInt64).self) { group in
                var (next, done) = (0, UInt64(0))
                func begin(_ lane: Int) {
                    guard next < items.count else { return }
                    let item = items[next]
                    next += 1
                    group.addTask {
                        try await self.compare(item, buffers, lane)
                        return (lane, item.range.count)
                    }
                }
                for lane in 0..<parallelism { begin(lane) }
                while let (lane, count) = try await group.next() {
                    done += count
                    progress(.verifying(label: disk.label, done: done, total: total))
                    try Task.checkCancellation()
                    begin(lane)
                }
            }
        } catch {
            throw EngineError(error)
        }
        return total
    }

    /// What an earlier run has sent, as pieces of at most a slot.
    private func earlierPieces() async throws(EngineError) -> [ByteRange] {
        guard upload.resumed > 0 else { return [] }
        let cursor = PieceCursor(reader, pieceSize: PageLayout.slot)
        var pieces: [ByteRange] = []
        while let piece = try await cursor.take(), piece.start < upload.resumed {
            pieces.append(piece)
            if Task.isCancelled { throw EngineError(.cancelled, "cancelled") }
        }
        return pieces
    }

    /// All, or some by chance with the last, which is the footer.
    private func sampled<Item>(_ items: [Item]) -> [Item] {
        guard depth == .sampled, items.count > Self.samples, let last = items.last else { return items }
        return (0..<(Self.samples - 1)).map { step in
            let (low, high) = (step * (items.count - 1) / Self.samples, (step + 1) * (items.count - 1) / Self.samples)
            return items[Int.random(in: low..<max(high, low + 1))]
        } + [last]
    }

    private func sum(of range: ByteRange, _ buffers: BufferPool) async throws(EngineError) -> UInt64 {
        let buffer = await buffers.acquire()
        defer { buffers.release(buffer) }
        try await reader.read(range, into: buffer)
        return buffer.withBytes { CRC64.of($0) }
    }

    private func compare(_ item: Item, _ buffers: BufferPool, _ lane: Int) async throws(EngineError) {
        let wanted: UInt64
        if let sum = item.sum { wanted = sum } else { wanted = try await sum(of: item.range, buffers) }
        let buffer = await buffers.acquire()
        defer { buffers.release(buffer) }
        try await line.pass { () async throws(EngineError) in
            try await store.read(item.range, into: buffer, lane: lane)
        }
        guard buffer.withBytes({ CRC64.of($0) }) == wanted else {
            throw EngineError(
                .corrupt,
                "disk \(disk.label) is not in Azure as it was sent: \(item.range.count) bytes at \(item.range.start) of "
                    + "\(store.name) differ")
        }
    }
}
