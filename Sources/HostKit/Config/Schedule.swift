import Engine

/// When a job is to run, in local time: `hourly :15`, `daily 22:30`, `weekly sat 03:00`, `monthly 1 03:00`.
struct Schedule: Sendable, Equatable, Decodable, PlacedSetting {
    enum Weekday: String, Sendable, CaseIterable {
        case mon, tue, wed, thu, fri, sat, sun
    }

    enum Rule: Sendable, Equatable {
        case hourly(minute: Int)
        case daily(hour: Int, minute: Int)
        case weekly(Weekday, hour: Int, minute: Int)
        case monthly(day: Int, hour: Int, minute: Int)
    }

    let rule: Rule

    init?(_ text: String) {
        let words = text.lowercased().split(separator: " ").map(String.init)
        guard let first = words.first, let last = words.last else { return nil }
        switch (first, words.count) {
        case ("hourly", 1): rule = .hourly(minute: 0)
        case ("hourly", 2):
            guard last.hasPrefix(":"), let minute = Self.number(last.dropFirst(), 0...59) else { return nil }
            rule = .hourly(minute: minute)
        case ("daily", 2):
            guard let time = Self.time(last) else { return nil }
            rule = .daily(hour: time.hour, minute: time.minute)
        case ("weekly", 3):
            guard let day = Weekday(rawValue: words[1]), let time = Self.time(last) else { return nil }
            rule = .weekly(day, hour: time.hour, minute: time.minute)
        case ("monthly", 3):
            guard let day = Self.number(words[1][...], 1...28), let time = Self.time(last) else { return nil }
            rule = .monthly(day: day, hour: time.hour, minute: time.minute)
        default: return nil
        }
    }

    init(placed setting: Setting, what: String) throws {
        guard case .scalar(let text) = setting.shape, let schedule = Schedule(text) else {
            throw setting.mismatch(
                what, "`hourly :MM`, `daily HH:MM`, `weekly mon…sun HH:MM` or `monthly 1…28 HH:MM`")
        }
        self = schedule
    }

    init(from decoder: any Decoder) throws {
        throw EngineError(.bug, "a schedule can only be decoded from settings")
    }

    private static func time(_ text: String) -> (hour: Int, minute: Int)? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let hour = number(parts[0], 0...23), let minute = number(parts[1], 0...59) else {
            return nil
        }
        return (hour, minute)
    }

    private static func number(_ text: Substring, _ range: ClosedRange<Int>) -> Int? {
        guard (1...2).contains(text.count), text.allSatisfy({ $0.isASCII && $0.isNumber }), let value = Int(text) else {
            return nil
        }
        return range.contains(value) ? value : nil
    }
}
