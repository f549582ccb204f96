import Engine

/// How many restore points are to be kept: the newest ones, the newest of so many hours, days…, and young ones.
struct KeepRule: PluginSettings, PlacedSetting {
    var last: UInt16
    var hourly: UInt16
    var daily: UInt16
    var weekly: UInt16
    var monthly: UInt16
    var yearly: UInt16
    var within: TimeSpan?
    var minimum: UInt16

    static let fields: [Field] = [
        .defaulted("last", "0", "so many newest restore points"),
        .defaulted("hourly", "0", "the newest of each of so many hours"),
        .defaulted("daily", "0", "the newest of each of so many days"),
        .defaulted("weekly", "0", "the newest of each of so many weeks, which begin on Mondays"),
        .defaulted("monthly", "0", "the newest of each of so many months"),
        .defaulted("yearly", "0", "the newest of each of so many years"),
        .optional("within", "all that are no older than this, counted back from the newest: `30d`, `12h`, `8w`"),
        .defaulted("minimum", "1", "never fewer than this of a VM"),
    ]

    /// - Throws: `.configuration` also for a rule that would keep next to nothing.
    init(placed setting: Setting, what: String) throws {
        self = try Self.decode(setting)
        guard !rule.isEmpty else {
            throw EngineError(
                .configuration,
                "\(setting.place): \(what) keeps nothing: give at least one number above 0, or `within`; "
                    + "`minimum` alone is no rule")
        }
    }

    /// Reads what a restore point remembers of the rule of its job.
    /// - Throws: `.configuration` when this version does not understand it.
    init(remembered: JSONValue, at place: String) throws(EngineError) {
        do {
            self = try Self(placed: Setting(remembered, at: place), what: "`keep`")
        } catch {
            throw EngineError(error)
        }
    }

    var rule: RetentionRule {
        var rule = RetentionRule()
        rule.last = Int(last)
        rule.periods = counts.mapValues(Int.init).filter { $0.value > 0 }
        rule.within = within?.seconds
        rule.minimum = max(1, Int(minimum))
        return rule
    }

    private var counts: [RetentionPeriod: UInt16] {
        [.hourly: hourly, .daily: daily, .weekly: weekly, .monthly: monthly, .yearly: yearly]
    }
}

extension KeepRule: CustomStringConvertible {
    /// `last 7, daily 14, within 30d`
    var description: String {
        var parts = last > 0 ? ["last \(last)"] : []
        for period in RetentionPeriod.allCases {
            if let count = counts[period], count > 0 { parts.append("\(period.rawValue) \(count)") }
        }
        if let within { parts.append("within \(within)") }
        if minimum > 1 { parts.append("minimum \(minimum)") }
        return parts.joined(separator: ", ")
    }
}

extension Setting {
    /// JSON that was written from a setting, as a setting again.
    fileprivate init(_ value: JSONValue, at place: String) {
        let shape: Shape =
            switch value {
            case .null: .null
            case .bool(let flag): .scalar("\(flag)")
            case .integer(let number): .scalar("\(number)")
            case .number(let number): .scalar("\(number)")
            case .string(let text): .scalar(text)
            case .array(let items): .list(items.map { Setting($0, at: place) })
            case .object(let members):
                .map(
                    members.sorted { $0.key < $1.key }.map {
                        Entry(key: $0.key, place: place, value: Setting($0.value, at: place))
                    })
            }
        self.init(shape, at: place)
    }
}
