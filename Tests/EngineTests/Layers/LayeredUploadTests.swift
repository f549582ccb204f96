import EngineContracts
import Logging
import Testing

@testable import Engine

@Suite("What layers do with uploads")
struct LayeredUploadTests {
    private let store = MemoryStore()
    private let memory: MemoryTarget
    private let clock = ManualClock()
    private let key: ObjectKey

    private static let broken = EngineError(.unreachable, "the connection broke", isRetryable: true)
    private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    init() async throws {
        memory = MemoryTarget(store)
        key = try ObjectKey("exports/disk")
        try await memory.open()
    }

    private func retrying(_ target: any Target, attempts: Int = 20) -> RetryingTarget {
        let policy = RetryPolicy(
            attempts: attempts, first: .milliseconds(1), longest: .milliseconds(1), within: .seconds(600))
        return RetryingTarget(target, policy, clock: clock.clock, logger: Self.logger)
    }

    private func upload(_ bytes: [UInt8], to target: any Target, by piece: Int = 3) async throws {
        let upload = try await target.begin(key)
        let content = Buffer(bytes)
        for start in stride(from: 0, to: bytes.count, by: piece) {
            try await upload.append(content, start..<min(start + piece, bytes.count))
        }
        try await upload.finish()
    }

    @Test("retry: each call is tried again, and no byte comes twice")
    func retry() async throws {
        let faulty = FaultyTarget(
            memory,
            [
                .init(.begin, times: 2, error: Self.broken), .init(.append, times: 99, every: 2, error: Self.broken),
                .init(.finish, times: 3, error: Self.broken),
            ])
        let bytes = SampleBytes.random(100, seed: 1)
        try await upload(bytes, to: retrying(faulty))
        #expect(store[key] == bytes)
    }

    @Test("retry: an upload whose last answer was lost is done, and not another's", arguments: [1, 2, 3])
    func lostAnswer(every: Int) async throws {
        let cutting = CuttingTarget(memory, every: every, after: every == 1 ? .sending : .sent)
        let bytes = SampleBytes.random(50, seed: 2)
        guard every > 1 else {
            await #expect(throws: EngineError.self) { try await upload(bytes, to: retrying(cutting, attempts: 3)) }
            #expect(store[key] == nil)
            return
        }
        try await upload(bytes, to: retrying(cutting))
        #expect(store[key] == bytes)
        let error = await #expect(throws: EngineError.self) { try await upload(bytes, to: retrying(cutting)) }
        #expect(error?.kind == .alreadyExists)
    }

    @Test("retry: what cannot pass by itself is thrown at once")
    func final() async throws {
        let faulty = FaultyTarget(memory, [.init(.append, first: 2, error: EngineError(.noSpace, "full"))])
        let error = await #expect(throws: EngineError.self) {
            try await upload([1, 2, 3, 4, 5, 6], to: retrying(faulty))
        }
        #expect(error?.kind == .noSpace)
        #expect(clock.sleeps.isEmpty)
        #expect(store[key] == nil)
    }

    @Test("read-only: an upload is refused when it is begun, and the refusal names the layer")
    func readOnly() async throws {
        let error = await #expect(throws: EngineError.self) { _ = try await ReadOnlyTarget(memory).begin(key) }
        #expect(error?.kind == .denied)
        #expect(error?.message.contains("the layer `read-only`") == true)
    }

    @Test("bandwidth: the bytes of appends are bounded as those of puts")
    func bandwidth() async throws {
        let schedule = BandwidthSchedule(usual: BandwidthRates(upload: 1000, download: nil))
        let target = ThrottledTarget(memory, schedule, clock: clock.clock)
        try await upload([UInt8](repeating: 1, count: 10_000), to: target, by: 1000)
        #expect(abs(clock.elapsed.inSeconds - 9) < 0.1)
    }

    @Test("concurrency: an upload takes a place for each call, and none between them")
    func concurrency() async throws {
        let target = LimitedTarget(memory, requests: 1)
        let first = try await target.begin(key)
        try await first.append(Buffer([1]), 0..<1)
        try await target.put(ObjectKey("between"), Buffer([2]))
        try await first.append(Buffer([3]), 0..<1)
        try await first.finish()
        #expect(store[key] == [1, 3])
    }

    @Test("log: uploads are counted by call, with their bytes")
    func counting() async throws {
        let target = CountingTarget(DelayedTarget(memory, .milliseconds(10), clock: clock.clock), clock: clock.clock)
        try await upload([UInt8](repeating: 1, count: 10), to: target, by: 4)
        #expect(
            target.tally.lines == [
                "begin: 1 requests, 10 ms in all", "append: 3 requests, 10 B, 30 ms in all",
                "finish: 1 requests, 10 ms in all",
            ])
    }

    @Test("a target without uploads says so by its name, and the contract's cases are not offered rather than broken")
    func notOffered() async throws {
        let plain = HeldTarget(memory)
        let error = await #expect(throws: EngineError.self) { _ = try await plain.begin(key) }
        #expect(error?.kind == .unsupported)
        #expect(error?.message.contains("`held`") == true)
        var absent = 0
        for one in TargetContract.cases where one.description.contains("upload") || one.description.contains("piece") {
            let outcome = try await one.run { RetryingTarget(PlainTarget(store), RetryPolicy(), logger: Self.logger) }
            if outcome == .notOffered { absent += 1 }
        }
        #expect(absent >= 10)
    }
}

/// As targets were before there were uploads.
private struct PlainTarget: Target {
    typealias Settings = NoSettings
    static let name = "plain"
    static let summary = "takes whole objects only"

    private let inner: MemoryTarget

    init(_ settings: NoSettings, in context: PluginContext) throws(EngineError) { self.init(MemoryStore()) }
    init(_ store: MemoryStore) { inner = MemoryTarget(store) }

    var capabilities: TargetCapabilities { inner.capabilities }
    func open() async throws(EngineError) { try await inner.open() }
    func put(_ key: ObjectKey, _ content: Buffer) async throws(EngineError) { try await inner.put(key, content) }

    func get(_ key: ObjectKey, _ range: Range<Int>?, into output: Buffer) async throws(EngineError) {
        try await inner.get(key, range, into: output)
    }

    func size(of key: ObjectKey) async throws(EngineError) -> Int? { try await inner.size(of: key) }
    func delete(_ key: ObjectKey) async throws(EngineError) { try await inner.delete(key) }
    func list(prefix: String) async throws(EngineError) -> [ListedObject] { try await inner.list(prefix: prefix) }
    func close() async { await inner.close() }
}
