import Engine

/// Writes an image. In a file the header comes last: one that is not whole has no signature.
struct QCOW2Writer {
    let header: QCOW2Header
    let disk: any BlockReader
    let sink: any ImageSink
    let progress: ImageProgress

    /// The clusters that are not zero, one behind the other, and their tables behind them. Returns the bytes of the file.
    func writeFile() async throws(EngineError) -> UInt64 {
        try await writeFile { allocation, mapping throws(EngineError) in
            let output = RunWriter(to: self.sink)
            let size = self.header.clusterSize
            var last: (cluster: UInt64, offset: UInt64)?
            try await DiskPieces(self.disk, progress: self.progress).forEachPiece { piece throws(EngineError) in
                for run in piece.clusterRuns(size) {
                    let place = piece.range.start + UInt64(run.lowerBound)
                    let cluster = place / size
                    if last?.cluster != cluster {
                        let offset = allocation.take()
                        last = (cluster, offset)
                        try await mapping.set(cluster, .stored(at: offset))
                    }
                    try await output.write(piece.buffer, run, at: (last?.offset ?? 0) + place % size)
                }
                try await output.flush()
                try await allocation.flush()
            }
        }
    }

    /// The same with every cluster compressed that becomes smaller by it.
    func writeFile(pressedBy encoder: @escaping @Sendable () -> DeflateEncoder) async throws(EngineError) -> UInt64 {
        let size = header.clusterSize
        // Less than a sixteenth is not worth that every reader has to decompress.
        let worthwhile = Int(size - max(size / 16, 1))
        return try await writeFile { allocation, mapping throws(EngineError) in
            let output = RunWriter(to: self.sink)
            let blocks = DeflatedBlocks(self.disk, blockSize: Int(size), progress: self.progress, encoder: encoder)
            try await blocks.forEachPiece { piece throws(EngineError) in
                for block in piece.blocks {
                    let cluster = block.offset / size
                    let count = block.stream.count
                    if count <= worthwhile {
                        let offset = allocation.take(packed: UInt64(count))
                        try await mapping.set(cluster, .packed(offset, count, clusterBits: self.header.clusterBits))
                        try await output.write(piece.deflated, block.stream, at: offset)
                    } else {
                        let offset = allocation.take()
                        try await mapping.set(cluster, .stored(at: offset))
                        try await output.write(piece.raw, block.raw, at: offset)
                    }
                }
                try await output.flush()
                try await allocation.flush()
            }
        }
    }

    private func writeFile(
        _ copy: (QCOW2Allocation, QCOW2Mapping) async throws(EngineError) -> Void
    ) async throws(EngineError) -> UInt64 {
        let allocation = QCOW2Allocation(header, sink: sink)
        let mapping = QCOW2Mapping(header, allocation, sink: sink)
        try await copy(allocation, mapping)
        var header = header
        header.l1Offset = try await mapping.finish()
        (header.refcountTable, header.refcountTableClusters) = try await allocation.finish()
        try await sink.write(Self.front(header), at: 0)
        try await sink.finish(size: allocation.end)
        return allocation.end
    }

    /// The same as a stream: every cluster with a data extent has its place before the first byte is written.
    func writeStream() async throws(EngineError) -> UInt64 {
        let plan = try await QCOW2StreamPlan(disk, header)
        try await sink.write(Self.front(plan.header), at: 0)
        try await plan.writeTables(to: sink)
        var rank: UInt64 = 0
        var last: UInt64?
        let size = header.clusterSize
        try await DiskPieces(disk, progress: progress).forEachPiece { piece throws(EngineError) in
            for run in piece.clusterParts(size) {
                let place = piece.range.start + UInt64(run.lowerBound)
                guard plan.clusters.contains(place / size) else { continue }
                if place / size != last {
                    rank += 1
                    last = place / size
                }
                guard rank <= UInt64(plan.clusters.count) else { throw Self.changed }
                try await self.sink.write(piece.buffer, run, at: plan.data + (rank - 1) * size + place % size)
            }
        }
        guard rank == UInt64(plan.clusters.count) else { throw Self.changed }
        try await sink.finish(size: plan.end)
        return plan.end
    }

    private static let changed = EngineError(.bug, "the extents of a disk changed while it was written")

    /// The header, and the names of features where there is room for them.
    private static func front(_ header: QCOW2Header) -> [UInt8] {
        let names = QCOW2Extensions.new
        let hasRoom = header.headerSize + names.count <= Int(header.clusterSize)
        return header.bytes + (hasRoom ? names : [UInt8](repeating: 0, count: 8))
    }
}

extension DiskPiece {
    /// The parts of the piece that lie in one cluster each.
    fileprivate func clusterParts(_ size: UInt64) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        var start = range.start
        while start < range.end {
            let end = min((start / size + 1) * size, range.end)
            parts.append(Int(start - range.start)..<Int(end - range.start))
            start = end
        }
        return parts
    }

    /// The parts of clusters that are not zero, as holes in files go.
    fileprivate func clusterRuns(_ size: UInt64) -> [Range<Int>] {
        var found: [Range<Int>] = []
        for part in clusterParts(size) {
            for run in runs where run.overlaps(part) {
                let both = run.clamped(to: part)
                if buffer.withBytes(both, { !ZeroScan.isZero($0) }) { found.append(both) }
            }
        }
        return found
    }
}
