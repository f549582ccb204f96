/// Which packs are to be copied into fewer, fuller ones, and how the new ones come out, to the byte.
struct RepackPlan: Sendable {
    /// A pack whose blobs in use move.
    struct Origin: Sendable {
        let id: PackID
        let kind: PackKind
        /// Bytes of the object.
        let size: Int
        /// In order of offsets.
        var blobs: [BlobEntry] = []
    }

    /// In the order in which they are copied: oldest first, data before metadata.
    let origins: [Origin]
    /// Bytes of the packs that come out.
    let outputs: [Int]

    /// Small packs are joined when there are at least so many of a kind.
    private static let fewSmallPacks = 8

    /// - Parameters:
    ///   - candidates: packs that may be touched at all, oldest first, with the bytes of their objects.
    init(candidates: [ListedPack], usage: PackUsage, marks: LiveMarks, options: PruneOptions)
        throws(EngineError)
    {
        let use = Dictionary(uniqueKeysWithValues: usage.packs.map { ($0.id, $0) })
        var chosen: [PackID: Origin] = [:]
        var order: [PackID] = []
        var total = 0
        for kind in [PackKind.data, .metadata] {
            let ofKind = candidates.filter { $0.kind == kind && (use[$0.id]?.live ?? 0) > 0 }
            let small = ofKind.filter { $0.size < options.packSize / 4 }
            let joinsSmall = small.count >= Self.fewSmallPacks
            for pack in ofKind where total + pack.size <= options.repackLimit {
                let isWasteful = (use[pack.id]?.waste ?? 0) > options.waste
                guard isWasteful || (joinsSmall && pack.size < options.packSize / 4) else { continue }
                chosen[pack.id] = Origin(id: pack.id, kind: kind, size: pack.size)
                order.append(pack.id)
                total += pack.size
            }
        }
        if !chosen.isEmpty {
            let isLive = marks.snapshot
            try marks.table.forEach { row, entry, _ in
                if isLive(row) { chosen[entry.location.pack]?.blobs.append(entry) }
            }
        }
        origins = order.compactMap { id in
            chosen[id].map { origin in
                var origin = origin
                origin.blobs.sort { $0.location.offset < $1.location.offset }
                return origin
            }
        }
        outputs = Self.outputs(of: origins, packSize: options.packSize)
    }

    /// Bytes of the packs that the copies fill, one kind after the other.
    private static func outputs(of origins: [Origin], packSize: Int) -> [Int] {
        let frame = PackLayout.headerCount + PackLayout.footerCount
        var outputs: [Int] = []
        for kind in [PackKind.data, .metadata] {
            var filled = frame
            for blob in origins.lazy.filter({ $0.kind == kind }).flatMap(\.blobs) {
                let count = blob.location.fetchCount + PackLayout.entryCount
                if filled + count > packSize {
                    outputs.append(filled)
                    filled = frame
                }
                filled += count
            }
            if filled > frame { outputs.append(filled) }
        }
        return outputs
    }
}

/// A pack as the target lists it.
struct ListedPack: Sendable {
    let id: PackID
    let kind: PackKind
    /// Bytes.
    let size: Int
    let modified: Timestamp
}
