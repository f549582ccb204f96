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
        let earlier = try await session.earlierLeaf(work.leaf)
        let plan = SlotPlan(
            work.regions, leaf: leaf, slotSize: UInt64(session.chunker.grain), coverage: session.coverage)
        var map = session.coverage == .changes ? earlier : LeafMap()
        for run in plan.zeros { map.replace(run, with: []) }
        let anew = unitsToCutAnew(map, plan)
        for request in LeafRead.joining(anew ?? plan.reads) {
            let range = bytes(request.units, of: leaf)
            try await read(range, &result)
            for run in request.runs {
                let before = anew == nil ? earlier.chunks(within: run) : []
                let extents = try await chunks(run, readFrom: request.units.lowerBound, along: before, &result)
                map.replace(run, with: extents)
            }
        }
        if !map.extents.isEmpty { result.node = try await session.nodes.write(.leaf(map.extents)) }
        return result
    }

    /// All data of the leaf, when what changes now would leave it in too many parts.
    private func unitsToCutAnew(_ map: LeafMap, _ plan: SlotPlan) -> [Range<Int>]? {
        guard case .content(let chunker) = session.chunker, session.coverage == .changes else { return nil }
        var result = map
        let changed = Digest(words: (0, 0, 0, 0))
        for run in plan.reads {
            result.replace(
                run, with: [TreeNode.Extent(start: run.lowerBound, units: run.count, skip: 0, chunk: changed)])
        }
        let units = chunker.average / RepositoryFormat.unit
        return result.isFragmented(averageUnits: units) ? result.runs : nil
    }

    private func bytes(_ units: Range<Int>, of leaf: ByteRange) -> ByteRange {
        let unit = UInt64(RepositoryFormat.unit)
        return ByteRange(
            leaf.start + UInt64(units.lowerBound) * unit, min(leaf.start + UInt64(units.upperBound) * unit, leaf.end))
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

    /// Turns units of the leaf into extents; stores the chunks that the repository does not have.
    /// - Parameters:
    ///   - first: the unit at which the buffer starts.
    ///   - earlier: whole chunks that these units were.
    private func chunks(
        _ run: Range<Int>, readFrom first: Int, along earlier: [TreeNode.Extent], _ result: inout Result
    ) async throws(EngineError) -> [TreeNode.Extent] {
        let start = Stopwatch.now()
        let bytes = bytes(of: run, from: first)
        let known = earlier.map { extent in
            Chunker.Piece(
                range: self.bytes(of: extent.start..<extent.end, from: run.lowerBound, most: bytes.count),
                id: extent.chunk)
        }
        let pieces = buffer.withBytes(bytes) { span in
            session.chunker.pieces(of: span, along: known) { session.id(of: $0) }
        }
        result.times.hash += Stopwatch.now() - start
        result.times.hashBytes += UInt64(bytes.count)
        var extents: [TreeNode.Extent] = []
        extents.reserveCapacity(pieces.count)
        for piece in pieces {
            let place = (bytes.lowerBound + piece.range.lowerBound)..<(bytes.lowerBound + piece.range.upperBound)
            let id = piece.id ?? identify(place, &result)
            let units = Self.units(piece.range)
            extents.append(
                TreeNode.Extent(start: run.lowerBound + units.lowerBound, units: units.count, skip: 0, chunk: id))
            try await store(place, id, &result)
        }
        return extents
    }

    /// Where units of the leaf are in the buffer, whose first unit is `first`; the disk's end may cut the last one.
    private func bytes(of units: Range<Int>, from first: Int, most: Int? = nil) -> Range<Int> {
        let unit = RepositoryFormat.unit
        let end = most ?? buffer.count
        return ((units.lowerBound - first) * unit)..<min((units.upperBound - first) * unit, end)
    }

    private static func units(_ bytes: Range<Int>) -> Range<Int> {
        let unit = RepositoryFormat.unit
        return (bytes.lowerBound / unit)..<((bytes.upperBound + unit - 1) / unit)
    }

    private func identify(_ piece: Range<Int>, _ result: inout Result) -> Digest {
        let start = Stopwatch.now()
        defer { result.times.hash += Stopwatch.now() - start }
        return buffer.withBytes(piece) { session.id(of: $0) }
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
                    try EncodedBlob(
                        id: id, raw: bytes, codec: session.codec, cipher: session.store.cipher, kind: .data,
                        scratch: scratch)
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
