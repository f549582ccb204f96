import Synchronization

/// Which parts of which packs must be read for some blobs, each pack forward, neighbours joined.
struct BlobFetches: Sendable {
    /// A blob of the source.
    struct Blob: Sendable {
        let id: Digest
        let location: BlobLocation
        /// Its id at the destination, where it is claimed; nil when only its content tells.
        var claimed: Digest?
    }

    /// One read.
    struct Fetch: Sendable {
        let pack: PackID
        let kind: PackKind
        var range: Range<Int>
        var blobs: [Blob]

        var key: ObjectKey { ObjectLayout.pack(pack, kind) }

        /// Where a blob is in what was read.
        func place(of blob: Blob) -> Range<Int> {
            let whole = blob.location.fetchRange
            return (whole.lowerBound - range.lowerBound)..<(whole.upperBound - range.lowerBound)
        }
    }

    /// Packs in the order in which they are needed first.
    let fetches: [Fetch]

    /// - Precondition: no blob is longer than what fits into `FetchPlan.capacity`.
    init(_ blobs: [Blob]) {
        var order: [PackID] = []
        var packs: [PackID: [Blob]] = [:]
        for blob in blobs {
            if packs[blob.location.pack] == nil { order.append(blob.location.pack) }
            packs[blob.location.pack, default: []].append(blob)
        }
        fetches = order.flatMap { pack in
            Self.joined((packs[pack] ?? []).sorted { $0.location.offset < $1.location.offset })
        }
    }

    private static func joined(_ blobs: [Blob]) -> [Fetch] {
        var fetches: [Fetch] = []
        for blob in blobs {
            let range = blob.location.fetchRange
            if let last = fetches.last, range.lowerBound - last.range.upperBound <= FetchPlan.gap,
                range.upperBound - last.range.lowerBound <= FetchPlan.longest
            {
                fetches[fetches.count - 1].range = last.range.lowerBound..<max(range.upperBound, last.range.upperBound)
                fetches[fetches.count - 1].blobs.append(blob)
            } else {
                fetches.append(
                    Fetch(pack: blob.location.pack, kind: blob.location.kind, range: range, blobs: [blob]))
            }
        }
        return fetches
    }
}

/// Reads blobs of the source, several reads in flight.
struct BlobFetching: Sendable {
    /// Does something with what one read brought. `failure` is damage that kept it from being read.
    typealias Body =
        @Sendable (BlobFetches.Fetch, _ stored: Buffer, _ failure: EngineError?) async throws(EngineError) -> Void

    let source: CopySide
    let buffers: BufferPool
    let lanes: Int

    /// - Throws: what the source throws, other than damage; what `body` throws.
    func run(_ blobs: [BlobFetches.Blob], _ body: @escaping Body) async throws(EngineError) {
        let fetches = BlobFetches(blobs).fetches
        guard !fetches.isEmpty else { return }
        let cursor = Cursor(fetches)
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<min(lanes, fetches.count) {
                    group.addTask {
                        while let fetch = cursor.next() {
                            try Task.checkCancellation()
                            try await run(fetch, body)
                        }
                    }
                }
                try await group.waitForAll()
            }
        } catch {
            throw EngineError(error)
        }
    }

    /// Reads that lanes take one after the other.
    private final class Cursor: Sendable {
        private let fetches: [BlobFetches.Fetch]
        private let position = Mutex(0)

        init(_ fetches: [BlobFetches.Fetch]) { self.fetches = fetches }

        func next() -> BlobFetches.Fetch? {
            position.withLock { position in
                guard position < fetches.count else { return nil }
                defer { position += 1 }
                return fetches[position]
            }
        }
    }

    private func run(_ fetch: BlobFetches.Fetch, _ body: Body) async throws(EngineError) {
        let stored = await buffers.acquire()
        defer { buffers.release(stored) }
        var failure: EngineError?
        do {
            try await source.target.get(fetch.key, fetch.range, into: stored)
        } catch  where error.kind == .corrupt || error.kind == .notFound {
            failure = error
        } catch {
            throw error.at("repository \(source.name)")
        }
        try await body(fetch, stored, failure)
    }
}
