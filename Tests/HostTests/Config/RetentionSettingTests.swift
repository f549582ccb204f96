import Engine
import Testing

@testable import HostKit

@Suite("Settings of retention")
struct RetentionSettingTests {
    static func repository(_ keys: String) throws -> RepositorySettings {
        let configuration = try HostConfigurationTests.configuration(
            "repositories: { a: { target: { type: local }\(keys) } }")
        return try #require(configuration.repositories.value(named: "a"))
    }

    @Test("a rule is read with all its parts, and says itself")
    func rule() throws {
        let keep = try #require(
            try Self.repository(
                ", keep: { last: 7, hourly: 24, daily: 14, weekly: 8, monthly: 12, yearly: 3, within: 30d, minimum: 2 }"
            ).keep)
        #expect(keep.rule.last == 7)
        #expect(keep.rule.periods == [.hourly: 24, .daily: 14, .weekly: 8, .monthly: 12, .yearly: 3])
        #expect(keep.rule.within == 2_592_000)
        #expect(keep.rule.minimum == 2)
        #expect(
            keep.description == "last 7, hourly 24, daily 14, weekly 8, monthly 12, yearly 3, within 30d, minimum 2")
        #expect(try Self.repository("").keep == nil)
    }

    @Test("a rule that a restore point remembers is the rule that was written")
    func remembered() throws {
        let keep = try KeepRule(remembered: ["last": "7", "within": "2w", "minimum": 3], at: "here")
        #expect(keep.description == "last 7, within 2w, minimum 3")
        #expect(throws: EngineError.self) { try KeepRule(remembered: ["lunar": "7"], at: "here") }
        #expect(throws: EngineError.self) { try KeepRule(remembered: .null, at: "here") }
    }

    @Test(
        "lengths of time",
        arguments: [("30d", 2_592_000 as Int64), ("12h", 43_200), ("90min", 5400), ("8 w", 4_838_400), ("0h", 0)])
    func spans(text: String, seconds: Int64) {
        #expect(TimeSpan(text)?.seconds == seconds)
    }

    @Test("what is no length of time is none", arguments: ["", "d", "30", "1.5d", "-1d", "3y", "99999999999999999w"])
    func noSpans(text: String) {
        #expect(TimeSpan(text) == nil)
    }

    @Test("percentages", arguments: [("25%", 25.0), ("25", 25), ("0", 0), ("12.5 %", 12.5), ("100%", 100)])
    func percentages(text: String, value: Double) {
        #expect(Percentage(text)?.value == value)
    }

    @Test("what is no percentage is none", arguments: ["", "%", "101", "-1%", "a quarter", "nan"])
    func noPercentages(text: String) {
        #expect(Percentage(text) == nil)
    }

    @Test("how a repository is pruned")
    func prune() throws {
        let settings = try #require(try Self.repository(", prune: { grace: 24h, waste: 10% }").prune)
        #expect(settings.grace.seconds == 86_400)
        #expect(settings.waste.fraction == 0.1)
        let usual = try #require(try Self.repository(", prune: {}").prune)
        #expect(usual.grace.seconds == 0)
        #expect(usual.waste.fraction == PruneOptions().waste)
    }

    @Test("the time zone is that of the machine unless one is named")
    func zone() throws {
        let named = try HostConfigurationTests.configuration("timeZone: Europe/Berlin").localTime
        #expect(named.name == "Europe/Berlin")
        let machine = try HostConfigurationTests.configuration("").localTime
        #expect(machine.name.isEmpty == false)
        let error = #expect(throws: EngineError.self) {
            try HostConfigurationTests.configuration("timeZone: Mars/Base")
        }
        #expect(error?.description.contains("`timeZone` must be the name of a time zone such as") == true)
    }

    @Test("a place's days follow its clocks, summer and winter")
    func summer() throws {
        let zone = try HostConfigurationTests.configuration("timeZone: Europe/Berlin").localTime
        var rule = RetentionRule()
        rule.periods = [.daily: 9]
        let times = ["2026-03-28T22:59:00Z", "2026-03-28T23:00:00Z", "2026-03-29T21:59:00Z", "2026-03-29T22:00:00Z"]
        let points = try times.map { text in
            let time = try #require(Timestamp(text))
            return RetentionPoint(id: try RestorePointID("\(time.compact)-00000000"), time: time)
        }
        let plan = RetentionPlan(
            [RetentionPlan.Group(rule: rule, points: points)], now: try #require(Timestamp("2027-01-01T00:00:00Z")),
            calendar: zone.calendar)
        #expect(plan.deleted.map(\.time.description) == ["2026-03-28T23:00:00.000Z"])
    }
}
