/// Which parts of which packs must be fetched for some ranges of a disk, in an order that reads each pack forward.
struct FetchPlan: Sendable {
    /// One read from a pack and the chunks in it, in the order of their first places on the disk: several lanes filled
    /// the pack, so that neighbours of the disk are near but not beside each other in it. Decoded in this order they
    /// lie beside each other in memory and are written at once.
    struct Fetch: Sendable {
        let pack: PackID
        let kind: PackKind
        var range: Range<Int>
        var chunks: [Chunk]
    }

    struct Chunk: Sendable {
        let id: Digest
        let location: BlobLocation
        /// Everywhere on the disk that this chunk's bytes go.
        var places: [RestorePointDisk.MappedRange]
    }

    /// Bytes. Reads are joined up to this length, over gaps of at most `gap`.
    static let longest = 2 << 20
    static let gap = 64 << 10
    /// Capacity that a buffer for any fetch needs: one chunk may be longer than `longest`.
    static let capacity = max(longest, RepositoryFormat.chunkLimit + PackLayout.blobHeaderCount + BlobCipher.overhead)

    let fetches: [Fetch]

    /// - Throws: `.corrupt` when a chunk is in no pack.
    init(_ ranges: [RestorePointDisk.MappedRange], blobs: BlobReader) throws(EngineError) {
        var packs: [PackID: Int] = [:]
        var chunks: [Digest: Int] = [:]
        var byPack: [[Chunk]] = []
        var homes: [(pack: Int, chunk: Int)] = []
        for range in ranges {
            if let known = chunks[range.chunk] {
                let home = homes[known]
                byPack[home.pack][home.chunk].places.append(range)
                continue
            }
            let location = try Self.locate(range, blobs)
            let pack = packs[location.pack] ?? byPack.count
            if pack == byPack.count {
                packs[location.pack] = pack
                byPack.append([])
            }
            chunks[range.chunk] = homes.count
            homes.append((pack, byPack[pack].count))
            byPack[pack].append(Chunk(id: range.chunk, location: location, places: [range]))
        }
        fetches = byPack.flatMap { Self.joined($0.sorted { $0.location.offset < $1.location.offset }) }
    }

    private static func locate(
        _ range: RestorePointDisk.MappedRange, _ blobs: BlobReader
    ) throws(EngineError) -> BlobLocation {
        let location = try blobs.locate(range.chunk, "chunk")
        guard location.fetchCount <= capacity, Int(location.rawCount) <= RepositoryFormat.chunkLimit,
            range.skip + Int(range.range.count) <= Int(location.rawCount)
        else {
            throw EngineError(
                .corrupt, "chunk \(range.chunk) has \(location.rawCount) bytes, which does not fit the disk's map")
        }
        return location
    }

    private static func joined(_ chunks: [Chunk]) -> [Fetch] {
        var fetches: [Fetch] = []
        for chunk in chunks {
            let range = chunk.location.fetchRange
            if let last = fetches.last, range.lowerBound - last.range.upperBound <= gap,
                range.upperBound - last.range.lowerBound <= longest
            {
                fetches[fetches.count - 1].range = last.range.lowerBound..<range.upperBound
                fetches[fetches.count - 1].chunks.append(chunk)
            } else {
                fetches.append(
                    Fetch(pack: chunk.location.pack, kind: chunk.location.kind, range: range, chunks: [chunk]))
            }
        }
        for index in fetches.indices {
            fetches[index].chunks.sort { $0.places[0].range.start < $1.places[0].range.start }
        }
        return fetches
    }
}
