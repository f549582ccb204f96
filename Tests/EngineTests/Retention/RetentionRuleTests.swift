import Testing

@testable import Engine

@Suite("Rules of retention")
struct RetentionRuleTests {
    typealias Scene = RetentionScene

    /// One at 22:30 UTC of each day of a range, in November 2026, which begins on a Sunday.
    static func november(_ days: ClosedRange<Int>) throws -> [RetentionPoint] {
        try days.map { try Scene.point("2026-11-\($0 < 10 ? "0" : "")\($0)T22:30:00Z") }
    }

    @Test("every part keeps for itself, and a restore point bears all its reasons")
    func reasons() throws {
        let plan = Scene.plan(Scene.rule(last: 2, daily: 3, weekly: 2), try Self.november(1...20))
        #expect(
            plan.words == [
                "2026-11-15T22:30 weekly 2",
                "2026-11-18T22:30 daily 3",
                "2026-11-19T22:30 last 2, daily 2",
                "2026-11-20T22:30 newest, last 1, daily 1, weekly 1",
            ])
        #expect(plan.deleted.count == 16)
        #expect(plan.deleted == plan.deleted.sorted())
    }

    @Test("months and years keep their newest")
    func longPeriods() throws {
        let points = try [
            "2023-12-31T23:59:59Z", "2024-02-29T12:00:00Z", "2024-12-31T00:00:00Z", "2025-01-01T00:00:00Z",
            "2025-01-31T23:59:59Z", "2025-02-01T00:00:00Z", "2025-02-28T10:00:00Z",
        ].map { try Scene.point($0) }
        #expect(
            Scene.plan(Scene.rule(monthly: 4), points).words == [
                "2024-02-29T12:00 monthly 4", "2024-12-31T00:00 monthly 3", "2025-01-31T23:59 monthly 2",
                "2025-02-28T10:00 newest, monthly 1",
            ])
        #expect(
            Scene.plan(Scene.rule(yearly: 3), points).words == [
                "2023-12-31T23:59 yearly 3", "2024-12-31T00:00 yearly 2", "2025-02-28T10:00 newest, yearly 1",
            ])
    }

    @Test("weeks begin on Mondays, also where they span two years")
    func weeks() throws {
        let points = try [
            "2026-12-27T12:00:00Z", "2026-12-28T12:00:00Z", "2026-12-31T12:00:00Z", "2027-01-03T12:00:00Z",
            "2027-01-04T12:00:00Z",
        ].map { try Scene.point($0) }
        #expect(
            Scene.plan(Scene.rule(weekly: 9), points).keptTimes == [
                "2026-12-27T12:00", "2027-01-03T12:00", "2027-01-04T12:00",
            ])
    }

    @Test("days without a restore point do not count")
    func gaps() throws {
        let points = try Self.november(1...2) + Self.november(20...21)
        #expect(
            Scene.plan(Scene.rule(daily: 3), points).keptTimes == [
                "2026-11-02T22:30", "2026-11-20T22:30", "2026-11-21T22:30",
            ])
    }

    @Test("a day is one of the place: 23 or 25 hours when clocks change")
    func localDays() throws {
        let points = try [
            "2026-03-28T22:30:00Z",  // 23:30 on Saturday
            "2026-03-28T23:30:00Z",  // 00:30 on Sunday, a day of 23 hours
            "2026-03-29T21:30:00Z",  // 23:30 on Sunday
            "2026-03-29T22:30:00Z",  // 00:30 on Monday
            "2026-10-24T22:30:00Z",  // 00:30 on Sunday, a day of 25 hours
            "2026-10-25T22:30:00Z",  // 23:30 on Sunday
            "2026-10-25T23:30:00Z",  // 00:30 on Monday
        ].map { try Scene.point($0) }
        #expect(
            Scene.plan(Scene.rule(daily: 9), points, in: Scene.berlin).keptTimes == [
                "2026-03-28T22:30", "2026-03-29T21:30", "2026-03-29T22:30", "2026-10-25T22:30", "2026-10-25T23:30",
            ])
        #expect(Scene.plan(Scene.rule(daily: 9), points).keptTimes.count == 4)
    }

    @Test("the hour that comes twice is two hours, and the one that is left out is none")
    func localHours() throws {
        let autumn = try [
            "2026-10-25T00:15:00Z", "2026-10-25T00:45:00Z", "2026-10-25T01:15:00Z", "2026-10-25T02:15:00Z",
        ]
        .map { try Scene.point($0) }
        #expect(
            Scene.plan(Scene.rule(hourly: 9), autumn, in: Scene.berlin).keptTimes == [
                "2026-10-25T00:45", "2026-10-25T01:15", "2026-10-25T02:15",
            ])
        let spring = try ["2026-03-29T00:59:00Z", "2026-03-29T01:01:00Z"].map { try Scene.point($0) }
        #expect(
            Scene.plan(Scene.rule(hourly: 2), spring, in: Scene.berlin).words == [
                "2026-03-29T00:59 hourly 2", "2026-03-29T01:01 newest, hourly 1",
            ])
    }

    @Test("within counts back from the newest restore point, its edge included")
    func within() throws {
        let plan = Scene.plan(Scene.rule(within: 2 * 86_400), try Self.november(1...20))
        #expect(
            plan.words == [
                "2026-11-18T22:30 within", "2026-11-19T22:30 within", "2026-11-20T22:30 newest, within",
            ])
        #expect(Scene.plan(Scene.rule(within: .max), try Self.november(1...20)).deleted.isEmpty)
    }

    @Test("a clock that runs ahead while nothing is backed up deletes nothing more", arguments: [0, 1, 400, 40_000])
    func clockAhead(days: Int64) throws {
        let rule = Scene.rule(last: 2, daily: 3, monthly: 1, within: 5 * 86_400)
        let points = try Self.november(1...20)
        let now = try #require(Timestamp("2026-11-20T22:30:00Z"))
        let before = Scene.plan(rule, points, now: now)
        #expect(Scene.plan(rule, points, now: now.adding(seconds: days * 86_400)).deleted == before.deleted)
    }

    @Test("restore points of the future stay, count for nothing, and are no one's newest")
    func future() throws {
        let now = try #require(Timestamp("2026-11-20T23:00:00Z"))
        let points = try Self.november(1...20)
        let rule = Scene.rule(last: 2, within: 3600)
        let wrong = try ["2040-01-01T00:00:00Z", "2040-01-02T00:00:00Z", "2040-01-03T00:00:00Z"].map {
            try Scene.point($0)
        }
        let plan = Scene.plan(rule, points + wrong, now: now)
        #expect(
            plan.words == [
                "2026-11-19T22:30 last 2", "2026-11-20T22:30 newest, last 1, within",
                "2040-01-01T00:00 in the future", "2040-01-02T00:00 in the future", "2040-01-03T00:00 in the future",
            ])
        #expect(plan.deleted == Scene.plan(rule, points, now: now).deleted)
    }

    @Test("a clock that was put back deletes nothing")
    func clockBehind() throws {
        let plan = Scene.plan(
            Scene.rule(last: 1), try Self.november(1...20), now: try #require(Timestamp("2020-01-01T00:00:00Z")))
        #expect(plan.deleted == [])
    }

    @Test("pinned restore points stay, and count like others")
    func pins() throws {
        var points = try Self.november(1...5)
        points[0] = try Scene.point("2026-11-01T22:30:00Z", isPinned: true)
        points[4] = try Scene.point("2026-11-05T22:30:00Z", isPinned: true)
        #expect(
            Scene.plan(Scene.rule(last: 2), points).words == [
                "2026-11-01T22:30 pinned", "2026-11-04T22:30 last 2", "2026-11-05T22:30 newest, last 1, pinned",
            ])
    }

    @Test("there are never fewer than the minimum: the newest of the others fill up")
    func minimum() throws {
        #expect(
            Scene.plan(Scene.rule(monthly: 1, minimum: 3), try Self.november(1...5)).words == [
                "2026-11-03T22:30 minimum", "2026-11-04T22:30 minimum", "2026-11-05T22:30 newest, monthly 1",
            ])
        #expect(Scene.plan(Scene.rule(last: 1, minimum: 9), try Self.november(1...5)).deleted == [])
    }

    @Test("of several in one moment the one with the highest id is the newest")
    func oneMoment() throws {
        let points = try [2, 0, 1].map { try Scene.point("2026-11-01T12:00:00Z", $0) }
        let plan = Scene.plan(Scene.rule(last: 1), points)
        #expect(plan.kept.map(\.point.id.text) == ["20261101-120000-00000002"])
        #expect(plan.deleted.map(\.id.text) == ["20261101-120000-00000000", "20261101-120000-00000001"])
    }

    @Test("each job's restore points come under its own rule, those of no rule stay, and so does the VM's newest")
    func groups() throws {
        let hourly = RetentionPlan.Group(rule: Scene.rule(last: 1), points: try Self.november(1...3))
        let weekly = RetentionPlan.Group(rule: Scene.rule(weekly: 1), points: try Self.november(4...6))
        let byHand = RetentionPlan.Group(rule: nil, points: try Self.november(7...8))
        let plan = RetentionPlan([hourly, weekly, byHand], now: Scene.farAway, calendar: .utc)
        #expect(
            plan.words == [
                "2026-11-03T22:30 last 1", "2026-11-06T22:30 weekly 1", "2026-11-07T22:30 no rule",
                "2026-11-08T22:30 newest, no rule",
            ])
        let empty = RetentionPlan([RetentionPlan.Group(rule: Scene.rule(), points: [])], now: .now(), calendar: .utc)
        #expect(empty.kept.isEmpty && empty.deleted.isEmpty)
    }

    @Test("a rule whose parts are all zero keeps the minimum and says that it is none")
    func nothing() throws {
        #expect(Scene.rule().isEmpty)
        #expect(!Scene.rule(within: 1).isEmpty)
        #expect(Scene.plan(Scene.rule(), try Self.november(1...3)).words == ["2026-11-03T22:30 newest, minimum"])
    }

    @Test("the example of the guide: applied every night since August, or once at the end")
    func guide() throws {
        let rule = Scene.rule(last: 3, daily: 7, weekly: 4, monthly: 3)
        let first = try #require(Timestamp("2026-08-01T20:30:00Z"))
        let nights = try (0..<114).map { night in
            // 22:30 at the place, where clocks were put back on 25 October.
            let hour: Int64 = night >= 85 ? 3600 : 0
            return try Scene.point(at: first.adding(seconds: Int64(night) * 86_400 + hour), night)
        }
        #expect(nights.last?.time.description == "2026-11-22T21:30:00.000Z")
        var left: [RetentionPoint] = []
        for night in nights {
            left = Scene.plan(rule, left + [night], in: Scene.berlin).kept.map(\.point)
        }
        let plan = Scene.plan(rule, nights, in: Scene.berlin)
        #expect(left == plan.kept.map(\.point))
        #expect(
            plan.words.map { $0.dropFirst(5) } == [
                "09-30T20:30 monthly 3", "10-31T21:30 monthly 2", "11-01T21:30 weekly 4", "11-08T21:30 weekly 3",
                "11-15T21:30 weekly 2", "11-16T21:30 daily 7", "11-17T21:30 daily 6", "11-18T21:30 daily 5",
                "11-19T21:30 daily 4", "11-20T21:30 last 3, daily 3", "11-21T21:30 last 2, daily 2",
                "11-22T21:30 newest, last 1, daily 1, weekly 1, monthly 1",
            ])
    }

    @Test("the one made last stays, though a clock that was behind dated it before the others")
    func madeLast() throws {
        var points = try (1...4).map { try Scene.point("2026-03-0\($0)T12:00:00Z") }
        let late = try Scene.point("2026-02-01T12:00:00Z")
        points.append(RetentionPoint(id: late.id, time: late.time, sequence: 9))
        let plan = Scene.plan(Scene.rule(last: 1), points)
        #expect(plan.words == ["2026-02-01T12:00 newest", "2026-03-04T12:00 newest, last 1"])
    }
}
