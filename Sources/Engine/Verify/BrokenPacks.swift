/// Looks for the blobs of packs whose own tables cannot be used: where the index says, or where their headers are.
struct BrokenPacks: Sendable {
    let repository: Repository
    let blobs: BlobReader

    /// Fills in what the packs still hold.
    func analyze(_ findings: [PackSurvey.Finding]) async throws(EngineError) -> [PackSurvey.Finding] {
        let broken = Set(findings.filter { $0.result.frameFault != nil }.map(\.pack.id))
        let entries = try await IndexSurvey.entries(of: broken, at: repository.target)
        var result: [PackSurvey.Finding] = []
        for var finding in findings {
            if finding.result.frameFault != nil {
                let bytes = try await Self.bytes(of: finding.pack, at: repository.target)
                finding.result.found = found(in: bytes, finding.pack, entries[finding.pack.id])
            }
            result.append(finding)
        }
        return result
    }

    /// The blobs in what is left of a pack.
    /// - Parameter entries: what the index lists of it; nil when it does not know the pack.
    func found(in bytes: Buffer, _ pack: ListedPack, _ entries: [BlobEntry]?) -> [PackInspection.Blob] {
        let inspection = PackInspection(id: pack.id, kind: pack.kind, blobs: blobs)
        let walk = BlobWalk(codecs: repository.codecs, protection: repository.protection)
        var scratch = Buffer(capacity: 1)
        return bytes.withBytes { span in
            inspection.inspect(span, by: entries ?? walk.entries(in: span, of: pack.id, pack.kind), &scratch)
        }
    }

    /// What can be read of a pack, from its start.
    static func bytes(of pack: ListedPack, at target: any Target) async throws(EngineError) -> Buffer {
        let size = min(pack.size, RepositoryFormat.packLimit)
        let bytes = Buffer(capacity: max(1, size))
        guard size > 0 else { return bytes }
        do {
            try await target.get(ObjectLayout.pack(pack.id, pack.kind), 0..<size, into: bytes)
        } catch  where error.kind == .corrupt || error.kind == .notFound {
            bytes.removeAll()
        }
        return bytes
    }
}
