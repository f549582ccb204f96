import EngineContracts
import Testing

@testable import Engine

@Suite("Bytes a second are bounded")
struct ThrottledTargetTests {
    private let clock = ManualClock("2026-11-23T17:59:58Z")

    private static let mebibyte = 1 << 20

    private func throttled(_ schedule: BandwidthSchedule) async throws -> ThrottledTarget {
        let target = ThrottledTarget(MemoryTarget(MemoryStore()), schedule, clock: clock.clock)
        try await target.open()
        return target
    }

    /// A window as it is written in a configuration.
    static func window(_ entries: [(String, String)], days: [String]? = nil) throws -> BandwidthWindow {
        func setting(_ shape: Setting.Shape) -> Setting { Setting(shape, at: "test:1:1") }
        var all = entries.map { Setting.Entry(key: $0.0, place: "test:1:1", value: setting(.scalar($0.1))) }
        if let days {
            let list = setting(.list(days.map { setting(.scalar($0)) }))
            all.append(Setting.Entry(key: "days", place: "test:1:1", value: list))
        }
        return try BandwidthWindow(placed: setting(.map(all)), what: "`windows`")
    }

    @Test("ten objects of a mebibyte take nine seconds at one a second, and all but the first wait")
    func upload() async throws {
        let target = try await throttled(
            BandwidthSchedule(usual: BandwidthRates(upload: Self.mebibyte, download: nil)))
        let content = Buffer(SampleBytes.random(Self.mebibyte, seed: 1))
        for number in 0..<10 { try await target.put(ObjectKey("object/\(number)"), content) }
        #expect(abs(clock.elapsed.inSeconds - 9) < 0.1)
        let output = Buffer(capacity: 10 * Self.mebibyte)
        for number in 0..<10 { try await target.get(ObjectKey("object/\(number)"), nil, into: output) }
        #expect(abs(clock.elapsed.inSeconds - 9) < 0.1)
    }

    @Test("many requests at once keep to the limit together, downloads of unknown size too")
    func together() async throws {
        let target = try await throttled(
            BandwidthSchedule(usual: BandwidthRates(upload: Self.mebibyte, download: 2 * Self.mebibyte)))
        let content = Buffer(SampleBytes.random(Self.mebibyte, seed: 1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<16 {
                group.addTask { try await target.put(ObjectKey("object/\(number)"), content) }
            }
            try await group.waitForAll()
        }
        #expect(abs(clock.elapsed.inSeconds - 15) < 0.1)
        for number in 0..<16 {
            try await target.get(ObjectKey("object/\(number)"), nil, into: Buffer(capacity: Self.mebibyte))
        }
        #expect(abs(clock.elapsed.inSeconds - 21.5) < 0.1)
    }

    @Test("an idle while saves up for one second, no more")
    func burst() async throws {
        let target = try await throttled(
            BandwidthSchedule(usual: BandwidthRates(upload: Self.mebibyte, download: nil)))
        let content = Buffer(SampleBytes.random(Self.mebibyte, seed: 1))
        try await target.put(ObjectKey("before"), content)
        clock.advance(.seconds(3600))
        for number in 0..<5 { try await target.put(ObjectKey("object/\(number)"), content) }
        #expect(abs(clock.elapsed.inSeconds - 3603) < 0.1)
    }

    @Test("a window that ends counts no more for requests that wait already")
    func windowEnds() async throws {
        // It is Monday, two seconds to six.
        let window = try Self.window([("from", "08:00"), ("to", "18:00"), ("upload", "1MiB")], days: ["mon", "tue"])
        let target = try await throttled(
            BandwidthSchedule(usual: BandwidthRates(upload: nil, download: nil), windows: [window]))
        let content = Buffer(SampleBytes.random(20 * Self.mebibyte, seed: 1))
        for number in 0..<4 { try await target.put(ObjectKey("object/\(number)"), content) }
        #expect(clock.elapsed.inSeconds <= 6)
    }

    @Test("a window that begins counts for the next request")
    func windowBegins() async throws {
        let window = try Self.window([("from", "18:00"), ("to", "19:00"), ("upload", "1MiB")])
        let target = try await throttled(
            BandwidthSchedule(usual: BandwidthRates(upload: nil, download: nil), windows: [window]))
        let content = Buffer(SampleBytes.random(Self.mebibyte, seed: 1))
        for number in 0..<20 { try await target.put(ObjectKey("before/\(number)"), content) }
        #expect(clock.elapsed == .zero)
        clock.advance(.seconds(3))
        for number in 0..<5 { try await target.put(ObjectKey("after/\(number)"), content) }
        #expect(abs(clock.elapsed.inSeconds - 6) < 0.1)
    }

    @Test("windows are of the proxy's own time zone, of their days, and may go on past midnight")
    func schedule() throws {
        let night = try Self.window([("from", "22:00"), ("to", "06:00"), ("upload", "unlimited")], days: ["fri"])
        let day = try Self.window([("from", "08:00"), ("to", "18:00"), ("download", "3MiB")])
        // Two hours ahead of UTC.
        let schedule = BandwidthSchedule(
            usual: BandwidthRates(upload: 1, download: 2), windows: [night, day], offsetFromUTC: { _ in 7200 })
        func rates(_ time: String) throws -> BandwidthRates { schedule.rates(at: try #require(Timestamp(time))) }
        let usual = BandwidthRates(upload: 1, download: 2)
        // 27 November 2026 is a Friday.
        #expect(try rates("2026-11-27T19:59:59Z") == usual)
        #expect(try rates("2026-11-27T20:00:00Z") == BandwidthRates(upload: nil, download: 2))
        #expect(try rates("2026-11-28T03:59:59Z") == BandwidthRates(upload: nil, download: 2))
        #expect(try rates("2026-11-28T04:00:00Z") == usual)
        #expect(try rates("2026-11-28T21:00:00Z") == usual)
        #expect(try rates("2026-11-24T06:00:00Z") == BandwidthRates(upload: 1, download: 3 << 20))
        #expect(try rates("2026-11-24T16:00:00Z") == usual)
    }

    @Test(
        "a window that cannot be meant is refused",
        arguments: [
            [("from", "8"), ("to", "18:00"), ("upload", "1MiB")],
            [("from", "08:60"), ("to", "18:00"), ("upload", "1")],
            [("from", "08:00"), ("to", "08:00"), ("upload", "1MiB")],
            [("from", "24:00"), ("to", "08:00"), ("upload", "1")],
            [("from", "08:00"), ("to", "18:00")], [("from", "08:00"), ("to", "18:00"), ("upload", "0")],
            [("from", "08:00"), ("to", "18:00"), ("upload", "fast")], [("from", "08:00"), ("upload", "1MiB")],
        ])
    func refused(entries: [(String, String)]) {
        let error = #expect(throws: EngineError.self) { try Self.window(entries) }
        #expect(error?.kind == .configuration)
        #expect(error?.message.contains("test:1:1") == true)
        #expect(throws: EngineError.self) {
            try Self.window([("from", "08:00"), ("to", "18:00"), ("upload", "1MiB")], days: ["monday"])
        }
    }
}
