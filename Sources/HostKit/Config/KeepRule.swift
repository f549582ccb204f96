import Engine

/// How many restore points of a job are to be kept: the newest ones, and the newest of so many days, weeks…
struct KeepRule: PluginSettings, PlacedSetting {
    var last: UInt16
    var daily: UInt16
    var weekly: UInt16
    var monthly: UInt16
    var yearly: UInt16

    static let fields: [Field] = [
        .defaulted("last", "0", "so many newest restore points"),
        .defaulted("daily", "0", "the newest of each of so many days"),
        .defaulted("weekly", "0", "the newest of each of so many weeks"),
        .defaulted("monthly", "0", "the newest of each of so many months"),
        .defaulted("yearly", "0", "the newest of each of so many years"),
    ]

    /// - Throws: `.configuration` also for a rule that would keep nothing.
    init(placed setting: Setting, what: String) throws {
        self = try Self.decode(setting)
        guard [last, daily, weekly, monthly, yearly].contains(where: { $0 > 0 }) else {
            throw EngineError(
                .configuration, "\(setting.place): \(what) keeps nothing: give at least one number above 0")
        }
    }
}
