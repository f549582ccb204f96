import Synchronization

/// Backs up one disk: as many lanes as there are buffers take leaves in ascending order.
struct DiskBackup: Sendable {
    let session: DiskSession
    let regions: [RegionMap.Region]
    let buffers: BufferPool
    let lanes: Int
    let advanced: @Sendable (Manifest.Statistics) -> Void

    struct Result: Sendable {
        let root: NodeReference?
        let statistics: Manifest.Statistics
        let times: StageTimes
    }

    private final class Totals: Sendable {
        let state = Mutex((statistics: Manifest.Statistics(), times: StageTimes()))
    }

    /// - Throws: the first error of a lane; the other lanes are cancelled and done when it is thrown.
    func run() async throws -> Result {
        let started = Stopwatch.now()
        let builder = TreeBuilder(
            shape: session.shape, parent: session.parent, reader: session.trees, writer: session.nodes)
        let plan = SharedPlan(LeafPlan(regions), builder: builder)
        let totals = Totals()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<lanes { group.addTask { try await lane(plan, builder, totals) } }
            try await group.waitForAll()
        }
        let root = try await builder.finish()
        let (counted, times) = totals.state.withLock { $0 }
        var statistics = counted
        statistics.size = session.disk.size
        statistics.seconds = Stopwatch.now() - started
        return Result(root: root, statistics: statistics, times: times)
    }

    private func lane(_ plan: SharedPlan, _ builder: TreeBuilder, _ totals: Totals) async throws {
        let scratch = Buffer(
            capacity: EncodedBlob.scratchCapacity(for: session.chunker.largest, codec: session.codec))
        while !plan.isEmpty {
            let buffer = await buffers.acquire()
            defer { buffers.release(buffer) }
            try Task.checkCancellation()
            guard let work = plan.next() else { return }
            let result = try await LeafBackup(session: session, buffer: buffer, scratch: scratch).run(work)
            try await builder.finish(work.leaf, result.node)
            advanced(add(result, work, to: totals))
        }
    }

    private func add(
        _ result: LeafBackup.Result, _ work: LeafPlan.Work, to totals: Totals
    ) -> Manifest.Statistics {
        var statistics = result.statistics
        statistics.changed = work.regions.reduce(0) { $0 + $1.range.count }
        return totals.state.withLock { state in
            state.statistics = state.statistics + statistics
            state.times = state.times + result.times
            return state.statistics
        }
    }
}

/// The plan that all lanes take from; it tells the builder what to expect, in order.
private final class SharedPlan: Sendable {
    private struct State {
        var plan: LeafPlan
        var isEmpty = false
    }

    private let state: Mutex<State>
    private let builder: TreeBuilder

    init(_ plan: LeafPlan, builder: TreeBuilder) {
        state = Mutex(State(plan: plan))
        self.builder = builder
    }

    var isEmpty: Bool { state.withLock { $0.isEmpty } }

    func next() -> LeafPlan.Work? {
        state.withLock { state in
            guard let work = state.plan.next() else {
                state.isEmpty = true
                return nil
            }
            builder.expect(work.leaf)
            return work
        }
    }
}
