/// Reads an index run from the target a piece at a time, so that memory is bounded whatever its size, and checks every
/// byte of it.
struct IndexRunReading: Sendable {
    let target: any Target
    let object: ListedObject

    /// Bytes read at once.
    private static let piece = 1 << 20

    /// - Parameter body: gets every entry, before it is known that the whole run is right.
    /// - Returns: the packs that the run lists.
    /// - Throws: `.corrupt` when a byte is wrong, `.unsupported` for a later version, `.notFound`.
    @discardableResult
    func run(_ body: (BlobEntry) -> Void = { _ in }) async throws(EngineError) -> [RunPack] {
        let what = object.key.text
        guard object.size >= IndexRun.headerCount + IndexRun.endCount else {
            throw EngineError(.corrupt, object.size == 0 ? "it is empty" : "it is cut short at \(object.size) bytes")
        }
        let end = object.size - IndexRun.endCount
        var checksum = RunningChecksum()
        let head = try await head(&checksum, what)
        let buffer = Buffer(capacity: Self.piece / IndexRun.entryCount * IndexRun.entryCount)
        var offset = head.size
        var isRight = true
        while offset < end {
            if Task.isCancelled { throw EngineError(.cancelled, "cancelled") }
            buffer.removeAll()
            try await target.get(object.key, offset..<min(offset + buffer.capacity, end), into: buffer)
            offset += buffer.count
            buffer.withBytes { bytes in
                checksum.update(bytes)
                for start in stride(from: 0, to: bytes.byteCount, by: IndexRun.entryCount) {
                    let record = RunRecord(bytes, at: start)
                    guard record.packNumber < head.packs.count else {
                        isRight = false
                        continue
                    }
                    body(record.entry(in: head.packs[record.packNumber]))
                }
            }
        }
        buffer.removeAll()
        try await target.get(object.key, end..<object.size, into: buffer)
        let trailer = buffer.withBytes { UInt64(littleEndian: $0.unsafeLoadUnaligned(as: UInt64.self)) }
        guard trailer == checksum.value else { throw EngineError(.corrupt, "its checksum does not fit") }
        guard isRight else { throw EngineError(.corrupt, "it names packs that it does not list") }
        return head.packs
    }

    private func head(_ checksum: inout RunningChecksum, _ what: String) async throws(EngineError) -> RunHead {
        let start = Buffer(capacity: IndexRun.headerCount)
        try await target.get(object.key, 0..<IndexRun.headerCount, into: start)
        let counts = try start.withBytes { bytes throws(EngineError) in
            try RunHead.Counts(parsing: bytes, size: object.size, what: what)
        }
        let whole = Buffer(capacity: counts.headSize)
        try await target.get(object.key, 0..<counts.headSize, into: whole)
        whole.withBytes { checksum.update($0) }
        return try whole.withBytes { bytes throws(EngineError) in
            try RunHead(parsing: bytes, size: object.size, what: what)
        }
    }
}
