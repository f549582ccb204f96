/// The rows of packs' tables for blobs that are about to be read, with the checksums that an index does not have.
///
/// The table of a pack of which only few blobs are wanted is not worth its requests: those are checked by decoding
/// them.
struct PackRows: Sendable {
    private var rows: [PackID: [UInt32: PackEntry]] = [:]

    /// Blobs of one pack from which on its table is read.
    private static let worthATable = 8

    /// - Throws: what the target throws. Of a table that is damaged nothing is known.
    init(source: CopySide, of blobs: [BlobFetches.Blob]) async throws(EngineError) {
        let packs = Dictionary(grouping: blobs) { $0.location.pack }.values.filter { $0.count >= Self.worthATable }
        let target = source.target
        let found = try await source.naming { () async throws(EngineError) in
            try await target.together(packs) { blobs in try await Self.rows(of: blobs, at: target) }
        }
        for (blobs, rows) in zip(packs, found) { self.rows[blobs[0].location.pack] = rows }
    }

    /// The row of a blob, when it is the blob that the index says.
    subscript(blob: BlobFetches.Blob) -> PackEntry? {
        let location = blob.location
        guard let row = rows[location.pack]?[location.offset], row.id == blob.id,
            row.storedCount == location.storedCount, row.rawCount == location.rawCount, row.codec == location.codec
        else { return nil }
        return row
    }

    private static func rows(
        of blobs: [BlobFetches.Blob], at target: any Target
    ) async throws(EngineError) -> [UInt32: PackEntry] {
        let (pack, kind) = (blobs[0].location.pack, blobs[0].location.kind)
        do throws(EngineError) {
            guard let size = try await target.size(of: ObjectLayout.pack(pack, kind)) else { return [:] }
            let table = try await PackTable.fetch(pack, kind, size: size, from: target)
            let wanted = Set(blobs.map(\.location.offset))
            return Dictionary(
                table.entries.filter { wanted.contains($0.offset) }.map { ($0.offset, $0) },
                uniquingKeysWith: { first, _ in first })
        } catch {
            guard error.isDamage else { throw error }
            return [:]
        }
    }
}
