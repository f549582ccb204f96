import Engine

/// The parts of a range whose grains follow each other in the file, or are nowhere, one after the other. One task uses
/// it.
final class VMDKGrainRuns<Map: BlockMap> {
    struct Run {
        fileprivate(set) var range: ByteRange
        /// Where the range begins; for a compressed grain, where its marker is.
        let place: BlockPlace
    }

    private let map: Map
    private let isCompressed: Bool
    private let end: UInt64
    private var position: UInt64
    /// What was looked up already.
    private var pending: Run?

    init(_ map: Map, _ range: ByteRange, isCompressed: Bool) {
        self.map = map
        self.isCompressed = isCompressed
        position = range.start
        end = range.end
    }

    /// The next part; nil at the end of the range.
    func next() async throws(EngineError) -> Run? {
        guard var run = try await take() else { return nil }
        while let following = try await take() {
            guard isContinued(run, by: following.place) else {
                pending = following
                break
            }
            run.range = ByteRange(run.range.start, following.range.end)
        }
        return run
    }

    /// A part within one grain.
    private func take() async throws(EngineError) -> Run? {
        if let run = pending {
            pending = nil
            return run
        }
        guard position < end else { return nil }
        let skip = position % map.blockSize
        let range = ByteRange(start: position, count: min(map.blockSize - skip, end - position))
        var place = try await map.place(of: position / map.blockSize)
        if !isCompressed, case .stored(let offset) = place { place = .stored(at: offset + skip) }
        position = range.end
        return Run(range: range, place: place)
    }

    private func isContinued(_ run: Run, by place: BlockPlace) -> Bool {
        switch (run.place, place) {
        case (.zero, .zero), (.parent, .parent): true
        case (.stored(let start), .stored(let next)): !isCompressed && start + run.range.count == next
        default: false
        }
    }
}
