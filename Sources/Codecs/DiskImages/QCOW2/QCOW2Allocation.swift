import Engine

/// Hands out the clusters of a new file in ascending order, and writes their refcounts when they are final. One task
/// uses it.
final class QCOW2Allocation {
    private let sink: any ImageSink
    private let clusterSize: UInt64
    private let countsInBlock: UInt64
    /// The first cluster that nobody has. The header has the first one.
    private var next: UInt64 = 0
    /// Where compressed bytes go on, and the end of the clusters that they have.
    private var packed = ByteRange(0, 0)
    /// Refcounts that may still change, by their blocks.
    private var counts: [UInt64: [UInt16]] = [:]
    /// Where the blocks are that are written.
    private var blocks: [UInt64] = []
    private let unused: [UInt16]

    init(_ header: QCOW2Header, sink: any ImageSink) {
        self.sink = sink
        clusterSize = header.clusterSize
        countsInBlock = header.refcountsInBlock
        unused = [UInt16](repeating: 0, count: Int(countsInBlock))
        _ = take()
    }

    /// Bytes of the file so far.
    var end: UInt64 { next * clusterSize }

    /// Clusters that follow each other, used once each; returns where they begin.
    func take(_ count: UInt64 = 1) -> UInt64 {
        defer { next += count }
        for cluster in next..<(next + count) { add(cluster) }
        return next * clusterSize
    }

    /// Room for the compressed bytes of a cluster, fewer than a cluster has; what they lie in may be shared.
    func take(packed count: UInt64) -> UInt64 {
        if count > packed.count {
            if packed.end == end, !packed.isEmpty {
                packed = ByteRange(packed.start, packed.end + clusterSize)
            } else {
                packed = ByteRange(start: end, count: clusterSize)
            }
            next += 1
        }
        let offset = packed.start
        packed = ByteRange(offset + count, packed.end)
        for cluster in (offset / clusterSize)...((offset + count - 1) / clusterSize) { add(cluster) }
        return offset
    }

    private func add(_ cluster: UInt64) {
        counts[cluster / countsInBlock, default: unused][Int(cluster % countsInBlock)] += 1
    }

    /// Writes the blocks of refcounts that cannot change any more, so that they need no memory.
    func flush() async throws(EngineError) {
        let open = packed.isEmpty ? next : min(next, packed.start / clusterSize)
        while (UInt64(blocks.count) + 1) * countsInBlock <= open { try await write(blockAt: take()) }
    }

    /// Writes all other refcounts and their table; nothing can be taken any more. Returns where the table is.
    func finish() async throws(EngineError) -> (offset: UInt64, clusters: UInt64) {
        var (more, table): (UInt64, UInt64) = (0, 0)
        while true {
            let all = (next + more + table + countsInBlock - 1) / countsInBlock
            let (needed, space) = (all - UInt64(blocks.count), (all * 8 + clusterSize - 1) / clusterSize)
            if needed == more, space == table { break }
            (more, table) = (needed, space)
        }
        let start = take(more + table)
        for index in 0..<more { try await write(blockAt: start + index * clusterSize) }
        let writer = TableWriter(to: sink, at: start + more * clusterSize)
        for block in blocks { try await writer.append(big: block) }
        try await writer.flush()
        return (start + more * clusterSize, table)
    }

    private func write(blockAt offset: UInt64) async throws(EngineError) {
        let values = counts.removeValue(forKey: UInt64(blocks.count)) ?? unused
        blocks.append(offset)
        let writer = TableWriter(to: sink, at: offset)
        for index in stride(from: 0, to: values.count, by: 2) {
            try await writer.append(big: UInt32(values[index]) << 16 | UInt32(values[index + 1]))
        }
        try await writer.flush()
    }
}

extension TableWriter {
    func append(big value: UInt64) async throws(EngineError) {
        try await append(big: UInt32(value >> 32))
        try await append(big: UInt32(truncatingIfNeeded: value))
    }
}
