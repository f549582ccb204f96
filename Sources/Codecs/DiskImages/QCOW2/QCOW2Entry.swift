import Engine

/// What an image says of one cluster of its disk.
enum QCOW2Place: Sendable, Equatable {
    case zero
    /// As in the backing file, or zero without one.
    case parent
    /// The cluster's bytes begin there.
    case stored(at: UInt64)
    case packed(QCOW2Packed)
    /// Each subcluster by itself: its bit in `stored`, in `zeros`, or in neither, which stands for the backing file.
    case divided(at: UInt64, stored: UInt32, zeros: UInt32)
}

/// Where the compressed bytes of a cluster are in the file.
struct QCOW2Packed: Sendable, Hashable {
    let offset: UInt64
    /// Bytes up to the end of the last sector; the compressed ones may end before.
    let count: UInt64

    var end: UInt64 { offset + count }
}

/// An entry of a table of the second level.
struct QCOW2Entry: Sendable, Equatable {
    let value: UInt64
    /// What it says of subclusters; zero in images without.
    var subclusters: UInt64 = 0

    var isCompressed: Bool { value & QCOW2Layout.compressed != 0 }
    var isCopied: Bool { value & QCOW2Layout.copied != 0 }
    /// Where a standard cluster is; zero for one that is nowhere.
    var offset: UInt64 { value & QCOW2Layout.offsetMask }
    var storedBits: UInt32 { UInt32(truncatingIfNeeded: subclusters) }
    var zeroBits: UInt32 { UInt32(truncatingIfNeeded: subclusters >> 32) }

    /// The bits of a compressed cluster's entry that hold its place.
    static func packedOffsetBits(clusterBits: Int) -> UInt64 { 62 - (UInt64(clusterBits) - 8) }

    static func packed(_ offset: UInt64, _ count: Int, clusterBits: Int) -> QCOW2Entry {
        let sectors = (offset + UInt64(count) - 1) / QCOW2Layout.sector - offset / QCOW2Layout.sector
        return QCOW2Entry(
            value: QCOW2Layout.compressed | sectors << packedOffsetBits(clusterBits: clusterBits) | offset)
    }

    static func stored(at offset: UInt64) -> QCOW2Entry { QCOW2Entry(value: QCOW2Layout.copied | offset) }

    /// Where a compressed cluster is.
    func packed(_ header: QCOW2Header) -> QCOW2Packed {
        let bits = Self.packedOffsetBits(clusterBits: header.clusterBits)
        let offset = value & ((1 << bits) - 1)
        let sectors = (value & (QCOW2Layout.compressed - 1)) >> bits + 1
        return QCOW2Packed(offset: offset, count: sectors * QCOW2Layout.sector - offset % QCOW2Layout.sector)
    }

    /// - Throws: `.corrupt` for an entry that makes no sense, saying why.
    func place(_ header: QCOW2Header) throws(EngineError) -> QCOW2Place {
        if isCompressed {
            guard !header.features.contains(.externalData) else {
                throw EngineError(.corrupt, "a compressed cluster in an image with an external data file")
            }
            return .packed(packed(header))
        }
        guard offset % header.clusterSize == 0 else {
            throw EngineError(.corrupt, "its place \(offset) is not on a cluster")
        }
        if header.hasSubclusters { return try dividedPlace(header) }
        if value & QCOW2Layout.zero != 0 {
            guard header.version > 2 else { throw EngineError(.corrupt, "a zero cluster in an image of version 2") }
            return .zero
        }
        return isStored(header) ? .stored(at: offset) : .parent
    }

    /// Whether a standard cluster has a place.
    func isStored(_ header: QCOW2Header) -> Bool {
        offset != 0 || header.features.contains(.externalData) && isCopied
    }

    private func dividedPlace(_ header: QCOW2Header) throws(EngineError) -> QCOW2Place {
        guard storedBits & zeroBits == 0 else {
            throw EngineError(.corrupt, "a subcluster is both in the file and zero")
        }
        guard storedBits == 0 || isStored(header) else {
            throw EngineError(.corrupt, "a subcluster is in the file, but its cluster has no place")
        }
        switch (storedBits, zeroBits) {
        case (.max, _): return .stored(at: offset)
        case (_, .max): return .zero
        case (0, 0): return .parent
        default: return .divided(at: offset, stored: storedBits, zeros: zeroBits)
        }
    }
}
