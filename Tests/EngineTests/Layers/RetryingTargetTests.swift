import EngineContracts
import Logging
import Testing

@testable import Engine

@Suite("What may pass by itself is tried again")
struct RetryingTargetTests {
    private let store = MemoryStore()
    private let clock = ManualClock()
    private let faulty: FaultyTarget
    private let key: ObjectKey

    private static let broken = EngineError(.unreachable, "the connection broke", isRetryable: true)
    private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    init() async throws {
        faulty = FaultyTarget(MemoryTarget(store), [])
        key = try ObjectKey("packs/object")
        try await faulty.open()
    }

    /// - Parameter chance: 1 for the longest pauses.
    private func retrying(
        _ inner: (any Target)? = nil, attempts: Int = 20, within: Duration = .seconds(600), chance: Double = 1
    ) -> RetryingTarget {
        let policy = RetryPolicy(attempts: attempts, first: .milliseconds(500), longest: .seconds(4), within: within)
        return RetryingTarget(inner ?? faulty, policy, clock: clock.clock, chance: { chance }, logger: Self.logger)
    }

    @Test("pauses double up to the longest, and the call succeeds at last")
    func backOff() async throws {
        faulty.plan(.init(.put, times: 6, error: Self.broken))
        try await retrying().put(key, Buffer([1, 2, 3]))
        #expect(store[key] == [1, 2, 3])
        #expect(clock.sleeps == [.seconds(0.5), .seconds(1), .seconds(2), .seconds(4), .seconds(4), .seconds(4)])
    }

    @Test("pauses have any length up to their limit, by the source of chance")
    func jitter() async throws {
        faulty.plan(.init(.size, times: 3, error: Self.broken))
        #expect(try await retrying(chance: 0.25).size(of: key) == nil)
        #expect(clock.sleeps == [.seconds(0.125), .seconds(0.25), .seconds(0.5)])
    }

    @Test("what cannot pass by itself is tried once, and comes out as it was")
    func final() async throws {
        faulty.plan(.init(.list, error: EngineError(.denied, "no")))
        let error = await #expect(throws: EngineError.self) { try await retrying().list(prefix: "") }
        #expect(error?.kind == .denied)
        #expect(error?.description == "no")
        #expect(clock.sleeps.isEmpty)
    }

    @Test("attempts are bounded, and the error says how many there were, in what time")
    func attempts() async throws {
        faulty.plan(.init(.delete, times: 100, error: Self.broken))
        let error = await #expect(throws: EngineError.self) { try await retrying(attempts: 4).delete(key) }
        #expect(error?.kind == .unreachable)
        #expect(error?.description == "4 attempts in 4 s › the connection broke")
        #expect(clock.sleeps.count == 3)
    }

    @Test("no attempt begins after the time is over")
    func within() async throws {
        faulty.plan(.init(.list, times: 100, error: Self.broken))
        await #expect(throws: EngineError.self) { try await retrying(within: .seconds(10)).list(prefix: "") }
        #expect(clock.elapsed == .seconds(7.5))
    }

    @Test("opening is tried four times at most: whoever mistyped a name does not want to wait")
    func opening() async throws {
        faulty.plan(.init(.open, times: 100, error: Self.broken))
        await #expect(throws: EngineError.self) { try await retrying().open() }
        #expect(clock.sleeps.count == 3)
    }

    @Test("a put whose answer was lost is done when its own bytes are there", arguments: [0, 1, 5 << 20])
    func lostAnswer(count: Int) async throws {
        let bytes = SampleBytes.random(count, seed: 1)
        // The fifth put or get is cut: the first four are of other objects.
        let cutting = CuttingTarget(faulty, every: 5, after: .sent)
        for number in 0..<4 { try await cutting.put(ObjectKey("other/\(number)"), Buffer([1])) }
        try await retrying(cutting).put(key, Buffer(bytes))
        #expect(store[key] == bytes)
        #expect(clock.sleeps.count == 1)
    }

    @Test(
        "a put after an ambiguous failure that finds other bytes is `alreadyExists`",
        arguments: [[9, 9], [9]] as [[UInt8]])
    func othersBytes(theirs: [UInt8]) async throws {
        faulty.plan(.init(.put, error: Self.broken))
        store[key] = theirs
        let error = await #expect(throws: EngineError.self) { try await retrying().put(key, Buffer([1, 2])) }
        #expect(error?.kind == .alreadyExists)
        #expect(store[key] == theirs)
    }

    @Test("a first put that finds its own bytes is `alreadyExists`: somebody else put them")
    func notOurs() async throws {
        store[key] = [1, 2]
        let error = await #expect(throws: EngineError.self) { try await retrying().put(key, Buffer([1, 2])) }
        #expect(error?.kind == .alreadyExists)
    }

    @Test("a get that failed halfway leaves nothing behind, and appends nothing twice")
    func halfway() async throws {
        store[key] = [1, 2, 3, 4]
        let output = Buffer(capacity: 6)
        output.append(([8, 9] as [UInt8]).span.bytes)
        try await retrying(HalfwayTarget(faulty, failures: 3)).get(key, nil, into: output)
        #expect(output.array == [8, 9, 1, 2, 3, 4])
        await #expect(throws: EngineError.self) {
            output.truncate(to: 2)
            try await retrying(HalfwayTarget(faulty, failures: 9), attempts: 2).get(key, nil, into: output)
        }
        #expect(output.array == [8, 9])
    }

    @Test("who is cancelled in a pause stops at once, as cancelled")
    func cancelled() async throws {
        faulty.plan(.init(.put, times: 100, error: Self.broken))
        let target = retrying(attempts: 1000, within: .seconds(1_000_000))
        let key = key
        let put = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await target.put(key, Buffer([1]))
        }
        let error = await #expect(throws: EngineError.self) { try await put.value }
        #expect(error?.kind == .cancelled)
        #expect(clock.sleeps.isEmpty)
    }
}

/// Appends half of what is asked for and then fails, as a careless target might.
private struct HalfwayTarget: Target {
    typealias Settings = NoSettings
    static let name = "halfway"
    static let summary = "gets fail in the middle"

    private let inner: any Target
    private let counting: CountingTarget
    private let failures: Int

    init(_ settings: NoSettings, in context: PluginContext) throws(EngineError) {
        self.init(try MemoryTarget(settings, in: context), failures: 1)
    }

    init(_ inner: any Target, failures: Int) {
        counting = CountingTarget(inner)
        self.inner = counting
        self.failures = failures
    }

    var capabilities: TargetCapabilities { inner.capabilities }
    func open() async throws(EngineError) { try await inner.open() }
    func put(_ key: ObjectKey, _ content: Buffer) async throws(EngineError) { try await inner.put(key, content) }

    func get(_ key: ObjectKey, _ range: Range<Int>?, into output: Buffer) async throws(EngineError) {
        let before = output.count
        try await inner.get(key, range, into: output)
        guard counting.tally.calls[.get, default: 0] <= failures else { return }
        output.truncate(to: before + (output.count - before) / 2)
        throw EngineError(.unreachable, "the connection broke in the middle", isRetryable: true)
    }

    func size(of key: ObjectKey) async throws(EngineError) -> Int? { try await inner.size(of: key) }
    func delete(_ key: ObjectKey) async throws(EngineError) { try await inner.delete(key) }
    func list(prefix: String) async throws(EngineError) -> [ListedObject] { try await inner.list(prefix: prefix) }
    func close() async { await inner.close() }
}
