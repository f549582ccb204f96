import Engine

/// The disk of an image, over that of its backing file.
struct QCOW2Disk: DiskImage {
    let clusters: QCOW2Clusters
    /// Where standard clusters are: the image itself, or its external data file.
    let data: any ImageStorage
    let parent: (any DiskImage)?
    let facts: ImageFacts
    private let unpacking: QCOW2Unpacking

    init(_ clusters: QCOW2Clusters, data: any ImageStorage, parent: (any DiskImage)?, facts: ImageFacts) {
        self.clusters = clusters
        self.data = data
        self.parent = parent
        self.facts = facts
        unpacking = QCOW2Unpacking(clusters.head)
    }

    private var header: QCOW2Header { clusters.head.header }
    var size: UInt64 { header.size }

    func extents(in range: ByteRange) async throws(EngineError) -> [DiskExtent] {
        var list = ExtentList()
        for run in try await runs(in: range) {
            switch run.source {
            case .zero: list.append(run.range, isZero: true)
            case .parent: try await appendParent(run.range, to: &list)
            case .stored(let offset): try await appendStored(run.range, at: offset, to: &list)
            case .packed: list.append(run.range, isZero: false)
            }
        }
        return list.extents
    }

    func read(_ range: ByteRange, into output: Buffer) async throws(EngineError) {
        for run in try await runs(in: range) {
            switch run.source {
            case .zero: output.appendZeros(Int(run.range.count))
            case .parent: try await readParent(run.range, into: output)
            case .stored(let offset): try await readStored(offset, run.range.count, into: output)
            case .packed(let packed, let skip):
                try await unpacking.append(packed, skip..<(skip + Int(run.range.count)), to: output)
            }
        }
    }

    // MARK: Runs

    /// A part of a range that comes from one place.
    private struct Run {
        enum Source {
            case zero
            case parent
            /// Where the run's first byte is.
            case stored(at: UInt64)
            /// And how many bytes of the cluster stand before the run.
            case packed(QCOW2Packed, skip: Int)
        }

        var range: ByteRange
        let source: Source

        /// Whether another run goes on where this one ends.
        func isFollowed(by next: Source) -> Bool {
            switch (source, next) {
            case (.zero, .zero), (.parent, .parent): true
            case (.stored(let here), .stored(let there)): here + range.count == there
            default: false
            }
        }
    }

    private func runs(in range: ByteRange) async throws(EngineError) -> [Run] {
        var runs: [Run] = []
        let size = header.clusterSize
        var start = range.start
        while start < range.end {
            let cluster = start / size
            let (place, count) = try await clusters.place(of: cluster)
            let part = ByteRange(start, min((cluster + count) * size, range.end))
            let skip = start - cluster * size
            switch place {
            case .zero: Self.append(part, .zero, to: &runs)
            case .parent: Self.append(part, .parent, to: &runs)
            case .stored(let offset): Self.append(part, .stored(at: offset + skip), to: &runs)
            case .packed(let packed): Self.append(part, .packed(packed, skip: Int(skip)), to: &runs)
            case .divided(let offset, let stored, let zeros):
                divide(part, at: offset, stored, zeros, into: &runs)
            }
            start = part.end
        }
        return runs
    }

    private static func append(_ range: ByteRange, _ source: Run.Source, to runs: inout [Run]) {
        if let last = runs.last, last.isFollowed(by: source) {
            runs[runs.count - 1].range = ByteRange(last.range.start, range.end)
        } else {
            runs.append(Run(range: range, source: source))
        }
    }

    private func divide(
        _ range: ByteRange, at offset: UInt64, _ stored: UInt32, _ zeros: UInt32, into runs: inout [Run]
    ) {
        let size = header.clusterSize / QCOW2Layout.subclusters
        let base = range.start / header.clusterSize * header.clusterSize
        var start = range.start
        while start < range.end {
            let index = (start - base) / size
            let part = ByteRange(start, min(base + (index + 1) * size, range.end))
            if stored >> UInt32(index) & 1 == 1 {
                Self.append(part, .stored(at: offset + start - base), to: &runs)
            } else {
                Self.append(part, zeros >> UInt32(index) & 1 == 1 ? .zero : .parent, to: &runs)
            }
            start = part.end
        }
    }

    // MARK: The file

    /// The part of a run that the file has: QEMU ends files within their last cluster, and what is behind is zero.
    private func held(_ offset: UInt64, _ count: UInt64) throws(EngineError) -> ByteRange {
        let lastCluster = (offset + count - 1) / header.clusterSize * header.clusterSize
        guard lastCluster <= data.size || clusters.head.hasExternalData else {
            throw EngineError(
                .corrupt,
                "\(data.name): a cluster should be at \(offset), but the file ends at \(data.size): it is damaged or "
                    + "cut off")
        }
        return ByteRange(min(offset, data.size), min(offset + count, data.size))
    }

    private func readStored(_ offset: UInt64, _ count: UInt64, into output: Buffer) async throws(EngineError) {
        let place = try held(offset, count)
        try await data.read(place, into: output)
        output.appendZeros(Int(count - place.count))
    }

    private func appendStored(_ range: ByteRange, at offset: UInt64, to list: inout ExtentList)
        async throws(EngineError)
    {
        let place = try held(offset, range.count)
        list.append(try await data.extents(in: place), from: place.start, at: range.start)
        list.append(ByteRange(range.start + place.count, range.end), isZero: true)
    }

    // MARK: The backing file

    private func readParent(_ range: ByteRange, into output: Buffer) async throws(EngineError) {
        let before = output.count
        if let parent, let part = range.intersection(ByteRange(0, parent.size)) {
            try await parent.read(part, into: output)
        }
        output.appendZeros(Int(range.count) - (output.count - before))
    }

    private func appendParent(_ range: ByteRange, to list: inout ExtentList) async throws(EngineError) {
        var done = range.start
        if let parent, let part = range.intersection(ByteRange(0, parent.size)) {
            list.append(try await parent.extents(in: part), from: part.start, at: part.start)
            done = part.end
        }
        list.append(ByteRange(done, range.end), isZero: true)
    }
}
