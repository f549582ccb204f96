/// What one pack is like, from its bytes: every blob in it, each good or bad, and what is wrong with the rest.
///
/// Without keys the checksums decide; with a reader of blobs each is decoded and compared with its id as well.
struct PackInspection: Sendable {
    let id: PackID
    let kind: PackKind
    /// Nil to look at checksums alone.
    let blobs: BlobReader?

    /// Bytes. No blob is larger when decoded.
    private static let rawLimit = 1 << 24

    /// A blob and how it was found.
    struct Blob: Sendable {
        let entry: PackEntry
        /// Nil when it is good.
        let fault: String?
    }

    struct Result: Sendable {
        /// What is wrong with header, table and footer; nil when nothing is.
        var frameFault: String?
        /// By the pack's table, in order of offsets; empty when it cannot be read.
        var found: [Blob] = []

        var bad: [Blob] { found.filter { $0.fault != nil } }
        /// Not damaged, but written by a later version of the program.
        var isLaterVersion: Bool { frameFault?.hasPrefix(SealCheck.laterVersion) ?? false }
        var isGood: Bool { frameFault == nil && found.allSatisfy { $0.fault == nil } }
    }

    /// - Parameter scratch: takes a decoded blob; made larger when it has no room. Not used without a reader.
    func inspect(_ bytes: RawSpan, _ scratch: inout Buffer) -> Result {
        let frame = PackFrame(id: id, kind: kind)
        if let fault = frame.fault(ofSize: bytes.byteCount) { return Result(frameFault: fault) }
        if let fault = frame.fault(ofHeader: bytes.extracting(0..<PackLayout.headerCount)) {
            return Result(frameFault: fault)
        }
        do throws(EngineError) {
            let table = try PackTable(whole: bytes, id: id, kind: kind)
            var found: [Blob] = []
            found.reserveCapacity(table.entries.count)
            for entry in table.entries {
                found.append(Blob(entry: entry, fault: fault(of: entry, in: bytes, isSummed: true, &scratch)))
            }
            return Result(found: found)
        } catch {
            return Result(frameFault: error.message)
        }
    }

    /// Looks at blobs whose places are known from elsewhere, as the pack's table is lost. A pack's index entries have no
    /// checksums: only decoding tells good blobs, so there must be a reader.
    func inspect(_ bytes: RawSpan, by entries: [BlobEntry], _ scratch: inout Buffer) -> [Blob] {
        var found: [Blob] = []
        for entry in entries.sorted(by: { $0.location.offset < $1.location.offset }) {
            let row = PackEntry(entry, in: bytes)
            found.append(Blob(entry: row, fault: fault(of: row, in: bytes, isSummed: false, &scratch)))
        }
        return found
    }

    /// - Parameter isSummed: whether the entry's checksum is that of the pack's table.
    private func fault(of entry: PackEntry, in bytes: RawSpan, isSummed: Bool, _ scratch: inout Buffer) -> String? {
        let location = entry.location(in: id, kind)
        let range = location.fetchRange
        guard range.upperBound <= bytes.byteCount else { return "the pack ends before byte \(range.upperBound)" }
        let blob = bytes.extracting(range)
        if isSummed, entry.checksum != Checksum.xxh64(blob) {
            return "the checksum at byte \(range.lowerBound) does not fit"
        }
        guard let blobs else { return nil }
        guard entry.rawCount < Self.rawLimit else { return "it claims \(entry.rawCount) bytes" }
        if scratch.capacity < Int(entry.rawCount) { scratch = Buffer(capacity: Int(entry.rawCount)) }
        scratch.removeAll()
        do throws(EngineError) {
            try blobs.decode(blob, id: entry.id, location: location, into: scratch)
            return nil
        } catch {
            return error.message
        }
    }
}

extension PackEntry {
    /// A row for a blob that is known from elsewhere, with the checksum that it has now.
    init(_ entry: BlobEntry, in pack: RawSpan) {
        let range = entry.location.fetchRange
        let isThere = range.upperBound <= pack.byteCount
        self.init(
            id: entry.id, offset: entry.location.offset, storedCount: entry.location.storedCount,
            rawCount: entry.location.rawCount, codec: entry.location.codec,
            checksum: isThere ? Checksum.xxh64(pack.extracting(range)) : 0)
    }
}
