/// Copies the blobs in use of wasteful packs into new packs, as they are: nothing is decoded, no key is needed.
///
/// Every blob is compared with its checksum on the way. The new packs and the index run that lists them are durable when
/// `run` returns; the old packs are condemned only then.
struct Repack: Sendable {
    let plan: RepackPlan
    let target: any Target
    let ledger: StorageLedger
    let session: SessionID
    let packSize: Int
    /// Writes the new packs' parity; nil for none.
    var parity: ParityWriter?

    struct Result: Sendable {
        /// Packs whose blobs in use all have a copy now.
        var replaced: [RepackPlan.Origin] = []
        /// The new packs' bytes.
        var written: [Int] = []
        /// Packs that were left alone because of damage, in words.
        var warnings: [String] = []
    }

    /// Bytes. Reads are joined up to this length, over gaps of at most `gap`.
    private static let longest = 4 << 20
    private static let gap = 64 << 10

    func run() async throws(EngineError) -> Result {
        var result = Result()
        let buffer = Buffer(capacity: packSize)
        let fetched = Buffer(capacity: Self.longest + RepositoryFormat.chunkLimit + (1 << 20))
        for kind in [PackKind.data, .metadata] {
            var output: PackBuilder?
            for origin in plan.origins where origin.kind == kind {
                do {
                    try await copy(origin, into: &output, buffer, fetched, &result)
                    result.replaced.append(origin)
                } catch  where error.kind == .corrupt || error.kind == .notFound {
                    result.warnings.append("\(error); it is left as it is. Run `ahvault repository repair`")
                }
            }
            try await store(&output, &result)
        }
        try await ledger.writeRun(ifMoreThan: 0)
        return result
    }

    private func copy(
        _ origin: RepackPlan.Origin, into output: inout PackBuilder?, _ buffer: Buffer, _ fetched: Buffer,
        _ result: inout Result
    ) async throws(EngineError) {
        if Task.isCancelled { throw EngineError(.cancelled, "cancelled") }
        let key = ObjectLayout.pack(origin.id, origin.kind)
        let table = try await PackTable.fetch(origin.id, origin.kind, size: origin.size, from: target)
        let rows = Dictionary(table.entries.map { ($0.offset, $0) }, uniquingKeysWith: { first, _ in first })
        for group in Self.groups(origin.blobs) {
            guard let first = group.first, let last = group.last else { continue }
            let range = first.location.fetchRange.lowerBound..<last.location.fetchRange.upperBound
            fetched.removeAll()
            try await target.get(key, range, into: fetched)
            for blob in group {
                guard let row = rows[blob.location.offset], row.id == blob.id,
                    row.storedCount == blob.location.storedCount
                else { throw EngineError(.corrupt, "\(key) has another table than the index says") }
                try await append(row, of: key, fetched, at: range.lowerBound, origin.kind, &output, buffer, &result)
            }
        }
    }

    private func append(
        _ row: PackEntry, of key: ObjectKey, _ fetched: Buffer, at start: Int, _ kind: PackKind,
        _ output: inout PackBuilder?, _ buffer: Buffer, _ result: inout Result
    ) async throws(EngineError) {
        let lower = Int(row.offset) - start
        let range = lower..<(lower + PackLayout.blobHeaderCount + Int(row.storedCount))
        guard fetched.withBytes(range, { Checksum.xxh64($0) }) == row.checksum else {
            throw EngineError(.corrupt, "\(key) is damaged at byte \(row.offset): the checksum does not fit")
        }
        if let builder = output, !builder.hasRoom(for: range.count) { try await store(&output, &result) }
        if output == nil {
            var generator = SystemRandomNumberGenerator()
            output = PackBuilder(id: .random(of: session, using: &generator), kind: kind, buffer: buffer)
        }
        fetched.withBytes(range) { output?.append(copyOf: row, $0) }
    }

    private func store(_ output: inout PackBuilder?, _ result: inout Result) async throws(EngineError) {
        guard let builder = output else { return }
        builder.finish()
        try await target.put(ObjectLayout.pack(builder.id, builder.kind), builder.buffer)
        try await parity?.put(builder.id, builder.kind, builder.buffer)
        try await ledger.stored(builder.blobEntries, builder.buffer.count, builder.kind)
        result.written.append(builder.buffer.count)
        output = nil
    }

    private static func groups(_ blobs: [BlobEntry]) -> [[BlobEntry]] {
        var groups: [[BlobEntry]] = []
        for blob in blobs {
            let range = blob.location.fetchRange
            if let last = groups.last?.last?.location.fetchRange, let first = groups.last?.first?.location.fetchRange,
                range.lowerBound - last.upperBound <= gap, range.upperBound - first.lowerBound <= longest
            {
                groups[groups.count - 1].append(blob)
            } else {
                groups.append([blob])
            }
        }
        return groups
    }
}
