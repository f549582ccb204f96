import EngineContracts
import Logging
import Testing

@testable import Engine

@Suite("The layers keep the contract of targets")
struct LayerContractTests {
    /// Layers around memory that break no promise.
    enum Fixture: String, CaseIterable, Sendable {
        case retrying, retryingCuts, retryingLostAnswers, throttled, limited, caching, counting, delayed, all
    }

    private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    private static func retrying(_ target: any Target, _ clock: LayerClock) -> any Target {
        // Callers that take turns may each time meet the call that is cut: there is no telling how often in a row.
        let patient = RetryPolicy(
            attempts: 10_000, first: .milliseconds(1), longest: .milliseconds(1), within: .seconds(1_000_000))
        return RetryingTarget(target, patient, clock: clock, logger: logger)
    }

    /// As another process would have it: over the same store and the same cache folder.
    private static func target(
        _ fixture: Fixture, _ store: MemoryStore, _ folder: String, _ clock: LayerClock
    ) -> any Target {
        let memory = MemoryTarget(store)
        let cache = ObjectCache(folder: folder + "/objects", size: 64 << 20, logger: logger)
        let everything = CacheRules(keeps: { _ in true }, identity: nil)
        let schedule = BandwidthSchedule(usual: BandwidthRates(upload: 1 << 20, download: 1 << 20))
        switch fixture {
        case .retrying: return retrying(memory, clock)
        case .retryingCuts: return retrying(CuttingTarget(memory, every: 3, after: .sending), clock)
        case .retryingLostAnswers: return retrying(CuttingTarget(memory, every: 3, after: .sent), clock)
        case .throttled: return ThrottledTarget(memory, schedule, clock: clock)
        case .limited: return LimitedTarget(memory, requests: 2)
        case .caching: return CachingTarget(memory, cache, everything)
        case .counting: return CountingTarget(memory, clock: clock, logger: logger)
        case .delayed: return DelayedTarget(memory, .milliseconds(20), clock: clock)
        case .all:
            let inner = ThrottledTarget(LimitedTarget(memory, requests: 3), schedule, clock: clock)
            return CachingTarget(retrying(inner, clock), cache, everything)
        }
    }

    @Test("each layer keeps each promise of the target in it", arguments: Fixture.allCases, TargetContract.cases)
    func promise(_ fixture: Fixture, _ one: TargetContract.Case) async throws {
        let store = MemoryStore()
        let folder = ScratchFolder()
        let clock = ManualClock().clock
        let outcome = try await one.run { Self.target(fixture, store, folder.path, clock) }
        #expect(outcome == .kept)
    }

    @Test("each built-in layer keeps each promise of plug-ins", arguments: PluginContract.cases)
    func pluginPromise(_ one: PluginContract.Case) async throws {
        func entry(_ key: String, _ text: String) -> Setting.Entry {
            Setting.Entry(key: key, place: "test:1:1", value: Setting(.scalar(text), at: "test:1:1"))
        }
        let fault = Setting(.map([entry("call", "put")]), at: "test:1:1")
        try await one.run(PluginSubject(BandwidthLayer.self))
        try await one.run(PluginSubject(CacheLayer.self))
        try await one.run(PluginSubject(ConcurrencyLayer.self))
        try await one.run(PluginSubject(DrillCutLayer.self))
        try await one.run(PluginSubject(DrillDelayLayer.self))
        try await one.run(PluginSubject(DrillFailLayer.self, sample: fault))
        try await one.run(PluginSubject(DrillLateListingLayer.self))
        try await one.run(PluginSubject(LogLayer.self))
        try await one.run(PluginSubject(ReadOnlyLayer.self))
        try await one.run(PluginSubject(RetryLayer.self))
    }

    @Test("the build's list of layers")
    func builtin() {
        #expect(
            Registry<any TargetLayer>.builtin.entries.map(\.name) == [
                "bandwidth", "cache", "concurrency", "drill-cut", "drill-delay", "drill-fail", "drill-late-listing",
                "log", "read-only", "retry",
            ])
    }
}
