/// Reads one pack whole and checks every byte of it.
struct PackCheck: Sendable {
    let id: PackID
    let kind: PackKind
    let size: Int
    /// What the index says is in it, in order of offsets.
    let entries: [BlobEntry]
    let blobs: BlobReader

    struct Finding: Sendable {
        let reason: String
        /// The blobs that are lost by it.
        let lost: [Digest]
    }

    /// - Throws: what the target throws, except what only says that this pack is damaged.
    func run() async throws(EngineError) -> [Finding] {
        guard size <= RepositoryFormat.packLimit, size > 0 else {
            return [Finding(reason: "it has an impossible size of \(size) bytes", lost: entries.map(\.id))]
        }
        let bytes = Buffer(capacity: size)
        do {
            try await blobs.target.get(ObjectLayout.pack(id, kind), 0..<size, into: bytes)
        } catch  where error.kind == .corrupt || error.kind == .notFound {
            return [Finding(reason: error.message, lost: entries.map(\.id))]
        }
        return bytes.withBytes { check($0) }
    }

    private func check(_ bytes: RawSpan) -> [Finding] {
        var findings: [Finding] = []
        var expected = entries
        var checksums: [Digest: UInt64] = [:]
        do {
            let table = try PackTable(whole: bytes, id: id, kind: kind)
            expected = table.entries.map { BlobEntry(id: $0.id, location: $0.location(in: id, kind)) }
            for entry in table.entries { checksums[entry.id] = entry.checksum }
        } catch {
            findings.append(Finding(reason: "\(error.message); its chunks are checked one by one", lost: []))
        }
        let largest = expected.map { Int($0.location.rawCount) }.max() ?? 0
        let raw = Buffer(capacity: max(1, min(largest, 1 << 24)))
        for entry in expected {
            if let finding = check(entry, checksum: checksums[entry.id], in: bytes, raw) { findings.append(finding) }
        }
        return findings
    }

    private func check(_ entry: BlobEntry, checksum: UInt64?, in bytes: RawSpan, _ raw: Buffer) -> Finding? {
        let range = entry.location.fetchRange
        guard range.upperBound <= bytes.byteCount else {
            return Finding(reason: "it ends before byte \(range.upperBound)", lost: [entry.id])
        }
        let blob = bytes.extracting(range)
        let isIntact = checksum == nil || checksum == Checksum.xxh64(blob)
        raw.removeAll()
        do {
            try blobs.decode(blob, id: entry.id, location: entry.location, into: raw)
        } catch {
            return Finding(reason: error.message, lost: [entry.id])
        }
        guard isIntact else {
            return Finding(reason: "the checksum at byte \(range.lowerBound) does not fit", lost: [entry.id])
        }
        return nil
    }
}
