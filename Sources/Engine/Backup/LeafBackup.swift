/// The way of the bytes of one leaf: read, look for zeros, hash, ask the index, encode, append to a pack.
///
/// One lane runs it, from the first byte read to the last chunk packed; nothing is handed over in between.
struct LeafBackup {
    let session: DiskSession
    /// Holds the leaf's bytes that are read; capacity of a whole leaf.
    let buffer: Buffer
    /// Holds one encoded chunk.
    let scratch: Buffer

    /// Work done, to be added to the disk's totals.
    struct Result {
        var node: NodeReference?
        var statistics = Manifest.Statistics()
        var times = StageTimes()
    }

    func run(_ work: LeafPlan.Work) async throws(EngineError) -> Result {
        var result = Result()
        let leaf = session.shape.range(ofLeaf: work.leaf)
        let plan = SlotPlan(
            work.regions, leaf: leaf, slotSize: UInt64(session.chunkSize), coverage: session.coverage)
        var map = LeafMap(try await session.parentExtents(ofLeaf: work.leaf))
        for run in plan.zeros { map.replace(units(run, within: leaf, of: plan), with: []) }
        for run in plan.reads {
            let range = plan.bytes(ofSlots: run)
            try await read(range, &result)
            let extents = try await chunks(of: range, in: leaf, before: map, &result)
            map.replace(units(run, within: leaf, of: plan), with: extents)
        }
        if !map.extents.isEmpty { result.node = try await session.nodes.write(.leaf(map.extents)) }
        return result
    }

    private func units(_ run: Range<Int>, within leaf: ByteRange, of plan: SlotPlan) -> Range<Int> {
        let range = plan.bytes(ofSlots: run)
        return Self.units(range, within: leaf)
    }

    private static func units(_ range: ByteRange, within leaf: ByteRange) -> Range<Int> {
        let unit = UInt64(RepositoryFormat.unit)
        return Int((range.start - leaf.start) / unit)..<Int((range.end - leaf.start + unit - 1) / unit)
    }

    private func read(_ range: ByteRange, _ result: inout Result) async throws(EngineError) {
        buffer.removeAll()
        let start = Stopwatch.now()
        try await session.capture.read(range, of: session.disk, into: buffer)
        guard buffer.count == Int(range.count) else {
            throw EngineError(
                .bug, "the source returned \(buffer.count) of \(range.count) bytes at \(range.start)")
        }
        result.times.source += Stopwatch.now() - start
        result.times.sourceBytes += range.count
        result.statistics.read += range.count
    }

    /// Turns what was read into extents; stores the chunks that the repository does not have.
    private func chunks(
        of range: ByteRange, in leaf: ByteRange, before: LeafMap, _ result: inout Result
    ) async throws(EngineError) -> [TreeNode.Extent] {
        var extents: [TreeNode.Extent] = []
        for piece in session.chunker.pieces(of: buffer.count) {
            let start = range.start + UInt64(piece.lowerBound)
            let units = Self.units(ByteRange(start: start, count: UInt64(piece.count)), within: leaf)
            guard let id = identify(piece, &result) else { continue }
            extents.append(TreeNode.Extent(start: units.lowerBound, units: units.count, skip: 0, chunk: id))
            guard before.wholeChunk(at: units.lowerBound, units: units.count) != id else { continue }
            try await store(piece, id, &result)
        }
        return extents
    }

    /// The chunk's id; nil when it is all zero.
    private func identify(_ piece: Range<Int>, _ result: inout Result) -> Digest? {
        let start = Stopwatch.now()
        defer { result.times.hash += Stopwatch.now() - start }
        result.times.hashBytes += UInt64(piece.count)
        return buffer.withBytes(piece) { bytes in ZeroScan.isZero(bytes) ? nil : Digest.sha256(bytes) }
    }

    private func store(_ piece: Range<Int>, _ id: Digest, _ result: inout Result) async throws(EngineError) {
        switch session.store.claim(id) {
        case .stored: return
        case .pending: session.awaited.insert(id)
        case .new:
            let start = Stopwatch.now()
            let blob: EncodedBlob
            do {
                blob = try buffer.withBytes(piece) { bytes throws(EngineError) in
                    try EncodedBlob(id: id, raw: bytes, codec: session.codec, scratch: scratch)
                }
            } catch {
                session.store.abandon(id)
                throw error
            }
            let encoded = Stopwatch.now()
            try await session.store.append(blob, .data)
            result.times.codec += encoded - start
            result.times.codecBytes += UInt64(piece.count)
            result.times.target += Stopwatch.now() - encoded
            result.times.targetBytes += UInt64(blob.storedCount)
            result.statistics.new += UInt64(piece.count)
            result.statistics.stored += UInt64(blob.storedCount)
        }
    }
}
