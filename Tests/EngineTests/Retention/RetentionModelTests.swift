import Testing

@testable import Engine

/// Random rules over random histories, against a model that asks of each restore point by itself whether it stays.
@Suite("Retention against a model")
struct RetentionModelTests {
    typealias Scene = RetentionScene

    struct History {
        var points: [RetentionPoint] = []
        var rule = RetentionRule()
        var now = Timestamp(milliseconds: 0)
    }

    static func random(_ seed: UInt64) throws -> History {
        var generator = SeededGenerator(seed: seed)
        var history = History()
        var time = Int64.random(in: 1_600_000_000...1_900_000_000, using: &generator)
        let steps: [Int64] = [0, 1, 600, 3600, 86_400, 7 * 86_400, 40 * 86_400]
        for number in 0..<Int.random(in: 0...120, using: &generator) {
            time += (steps.randomElement(using: &generator) ?? 0) + Int64.random(in: 0...1000, using: &generator)
            history.points.append(
                try Scene.point(
                    at: Timestamp(milliseconds: time * 1000), number,
                    isPinned: Int.random(in: 0..<12, using: &generator) == 0))
        }
        func count() -> Int { Bool.random(using: &generator) ? 0 : Int.random(in: 1...8, using: &generator) }
        history.rule = Scene.rule(
            last: count(), hourly: count(), daily: count(), weekly: count(), monthly: count(), yearly: count(),
            within: Bool.random(using: &generator) ? nil : Int64.random(in: 0...90 * 86_400, using: &generator),
            minimum: Int.random(in: 1...6, using: &generator))
        let isAhead = Int.random(in: 0..<4, using: &generator) == 0
        history.now = Timestamp(milliseconds: (time - (isAhead ? 30 * 86_400 : 0)) * 1000)
        history.points.shuffle(using: &generator)
        return history
    }

    /// Ids that stay, by the words of the documentation and with as little cleverness as possible.
    static func model(_ history: History, _ calendar: RetentionCalendar) -> Set<RestorePointID> {
        let past = history.points.filter { $0.time <= history.now }.sorted()
        let rule = history.rule
        var kept = Set(history.points.filter { $0.time > history.now }.map(\.id))
        guard let newest = past.last else { return kept }
        func stays(_ point: RetentionPoint) -> Bool {
            if point.isPinned { return true }
            let younger = past.filter { $0 > point }
            if younger.count < rule.last { return true }
            if let within = rule.within, newest.time.milliseconds - point.time.milliseconds <= within * 1000 {
                return true
            }
            return RetentionPeriod.allCases.contains { period in
                let mine = calendar.bucket(of: point.time, period)
                let others = Set(younger.map { calendar.bucket(of: $0.time, period) })
                return !others.contains(mine) && others.count < rule.periods[period] ?? 0
            }
        }
        var staying = Set(past.filter(stays).map(\.id))
        for point in past.reversed() where staying.count < rule.minimum { staying.insert(point.id) }
        kept.formUnion(staying)
        kept.insert(newest.id)
        return kept
    }

    @Test("the plan is the model's, for 400 histories")
    func agreement() throws {
        for seed in 0..<400 as Range<UInt64> {
            let history = try Self.random(seed)
            let calendar = seed % 2 == 0 ? RetentionCalendar.utc : Scene.berlin
            let plan = Scene.plan(history.rule, history.points, now: history.now, in: calendar)
            #expect(Set(plan.kept.map(\.point.id)) == Self.model(history, calendar), "history \(seed)")
            #expect(plan.kept.count + plan.deleted.count == history.points.count, "history \(seed)")
            #expect(plan.kept.allSatisfy { !$0.reasons.isEmpty }, "history \(seed)")
        }
    }

    @Test("deciding again over what stayed deletes nothing, and the order of asking does not matter")
    func stable() throws {
        for seed in 1000..<1200 as Range<UInt64> {
            let history = try Self.random(seed)
            let plan = Scene.plan(history.rule, history.points, now: history.now)
            let again = Scene.plan(history.rule, plan.kept.map(\.point), now: history.now)
            #expect(again.deleted == [], "history \(seed)")
            let sorted = Scene.plan(history.rule, history.points.sorted(), now: history.now)
            #expect(sorted.deleted == plan.deleted, "history \(seed)")
        }
    }

    @Test("a rule that asks for more keeps all that one that asks for less keeps")
    func monotone() throws {
        for seed in 2000..<2200 as Range<UInt64> {
            let history = try Self.random(seed)
            var less = history.rule
            less.minimum = 1
            var more = less
            more.last += 1
            more.within = more.within.map { $0 + 3600 } ?? 0
            for period in RetentionPeriod.allCases { more.periods[period, default: 0] += 1 }
            let kept = Set(Scene.plan(less, history.points, now: history.now).kept.map(\.point))
            let larger = Set(Scene.plan(more, history.points, now: history.now).kept.map(\.point))
            #expect(kept.isSubset(of: larger), "history \(seed)")
        }
    }

    @Test("ten thousand restore points are decided over at once")
    func many() throws {
        let points = try (0..<10_000).map {
            try Scene.point(at: Timestamp(milliseconds: 1_700_000_000_000 + Int64($0) * 3_600_000), $0)
        }
        let plan = Scene.plan(Scene.rule(last: 10, hourly: 48, daily: 30, weekly: 12, monthly: 12, yearly: 5), points)
        #expect(plan.deleted.count > 9_850)
        #expect(plan.kept.last?.reasons.count == 7)
    }
}
