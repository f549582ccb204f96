/// Which copies of blobs cannot be read, as far as a check knows.
struct BadCopies: Sendable {
    /// Packs at the target.
    var listed: Set<PackID> = []
    /// Single copies.
    private(set) var blobs: Set<BlobCopy> = []
    /// Of packs whose table is lost: the offsets at which there are good blobs.
    private(set) var goodOffsets: [PackID: Set<UInt32>] = [:]

    init(listed: Set<PackID>) { self.listed = listed }

    mutating func add(_ finding: PackSurvey.Finding) {
        let pack = finding.pack.id
        if finding.result.frameFault != nil {
            goodOffsets[pack] = Set(finding.result.found.filter { $0.fault == nil }.map(\.entry.offset))
        } else {
            for blob in finding.result.bad { blobs.insert(BlobCopy(id: blob.entry.id, pack: pack)) }
        }
    }

    /// Blobs that a repair would heal.
    private var healed: Set<Digest> = []

    /// A repair would give the blob a good copy.
    mutating func addHealed(_ id: Digest) { healed.insert(id) }

    mutating func add(_ copy: BlobCopy) { blobs.insert(copy) }

    func contains(_ id: Digest, at location: BlobLocation) -> Bool {
        if healed.contains(id) { return false }
        guard listed.contains(location.pack) else { return true }
        if let good = goodOffsets[location.pack], !good.contains(location.offset) { return true }
        return !blobs.isEmpty && blobs.contains(BlobCopy(id: id, pack: location.pack))
    }

    /// A copy of the blob that can be read.
    func goodCopy(of id: Digest, in index: any DedupIndex) -> BlobLocation? {
        guard let first = index.location(of: id) else { return nil }
        if !contains(id, at: first) { return first }
        return index.copies(of: id).first { !contains(id, at: $0) }
    }
}
