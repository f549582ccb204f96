/// What can be done about one damaged pack.
struct PackRepair: Sendable {
    let finding: PackSurvey.Finding
    /// The pack's bytes with every blob of `good` in its place: as healed by parity, or as they are.
    let bytes: Buffer
    /// Blobs that can be read from `bytes`.
    let good: [PackEntry]
    /// Blobs that cannot.
    let bad: [PackInspection.Blob]
    let isHealed: Bool
    /// Why parity did not help; nil when it did or was not there.
    let parityFault: String?

    /// Heals by parity if that is possible; else takes the pack as it is.
    init(
        _ finding: PackSurvey.Finding, repository: Repository, blobs: BlobReader, healer: PackHealer
    ) async throws(EngineError) {
        self.finding = finding
        let pack = finding.pack
        var scratch = Buffer(capacity: 1)
        var fault: String?
        switch try await healer.heal(pack.id, pack.kind) {
        case .healed(let healed, _):
            let inspection = PackInspection(id: pack.id, kind: pack.kind, blobs: blobs)
            let result = healed.withBytes { inspection.inspect($0, &scratch) }
            if result.frameFault == nil {
                bytes = healed
                good = result.found.filter { $0.fault == nil }.map(\.entry)
                bad = result.bad
                isHealed = true
                parityFault = nil
                return
            }
            fault = "with its parity the pack is still damaged"
        case .impossible(let reason): fault = reason
        }
        bytes = try await BrokenPacks.bytes(of: pack, at: repository.target)
        // A pack that cannot be read as a whole may still give some of its blobs.
        let all = finding.result.found
        let count = bytes.count
        good = all.filter { $0.fault == nil && Self.end(of: $0.entry) <= count }.map(\.entry)
        bad = all.filter { $0.fault != nil || Self.end(of: $0.entry) > count }
        isHealed = false
        parityFault = fault
    }

    private static func end(of entry: PackEntry) -> Int {
        Int(entry.offset) + PackLayout.blobHeaderCount + Int(entry.storedCount)
    }

    /// Whether parity made this blob good.
    func isByParity(_ entry: PackEntry) -> Bool {
        guard isHealed else { return false }
        guard finding.result.frameFault == nil else {
            return !finding.result.found.contains { $0.entry.offset == entry.offset && $0.fault == nil }
        }
        return finding.result.bad.contains { $0.entry.offset == entry.offset }
    }
}
