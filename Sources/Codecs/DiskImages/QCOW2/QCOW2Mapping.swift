import Engine

/// The tables of both levels of a new file, filled in ascending order. One task uses it.
final class QCOW2Mapping {
    private let header: QCOW2Header
    private let allocation: QCOW2Allocation
    private let sink: any ImageSink
    private var firstLevel: [UInt64]
    /// The table that is being filled, and its place in the first level.
    private var table: [UInt64] = []
    private var index: Int?

    init(_ header: QCOW2Header, _ allocation: QCOW2Allocation, sink: any ImageSink) {
        self.header = header
        self.allocation = allocation
        self.sink = sink
        firstLevel = [UInt64](repeating: 0, count: Int(header.l1Entries))
    }

    /// Says where a cluster of the disk is, one behind all before.
    func set(_ cluster: UInt64, _ entry: QCOW2Entry) async throws(EngineError) {
        let index = Int(cluster / header.l2Entries)
        if index != self.index {
            try await flush()
            self.index = index
            table = [UInt64](repeating: 0, count: Int(header.l2Entries))
        }
        table[Int(cluster % header.l2Entries)] = entry.value
    }

    private func flush() async throws(EngineError) {
        guard let index else { return }
        let offset = allocation.take()
        firstLevel[index] = QCOW2Layout.copied | offset
        try await write(table, at: offset)
    }

    /// Writes what is left; returns where the first level is.
    func finish() async throws(EngineError) -> UInt64 {
        try await flush()
        let offset = allocation.take((header.l1Entries * 8 + header.clusterSize - 1) / header.clusterSize)
        try await write(firstLevel, at: offset)
        return offset
    }

    private func write(_ entries: [UInt64], at offset: UInt64) async throws(EngineError) {
        let writer = TableWriter(to: sink, at: offset)
        for entry in entries { try await writer.append(big: entry) }
        try await writer.flush()
    }
}
