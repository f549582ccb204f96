/// Hours of certain days in which other limits count: `{ days: [mon, tue], from: "08:00", to: "18:00", upload: 10MiB }`.
///
/// A window that ends before it begins goes on past midnight, and belongs to the day it begins on.
package struct BandwidthWindow: Sendable, Equatable, PluginSettings, PlacedSetting {
    private let days: [Weekday]?
    private let from: TimeOfDay
    private let to: TimeOfDay
    /// What is nil here is as at other hours.
    let upload: BandwidthLimit?
    let download: BandwidthLimit?

    package static let fields: [Field] = [
        .optional("days", "a list of `mon` … `sun`: every day unless given"),
        .required("from", "when it begins, such as `08:00`"),
        .required("to", "when it ends, such as `18:00`; `24:00` is midnight"),
        .optional("upload", "bytes a second to the target in these hours, or `unlimited`"),
        .optional("download", "bytes a second from the target in these hours, or `unlimited`"),
    ]

    package init(placed setting: Setting, what: String) throws {
        self = try Self.decode(setting)
        guard from != to, from.minutes < 24 * 60 else {
            throw EngineError(
                .configuration, "\(setting.place): a window begins before 24:00, and ends at another time")
        }
        guard days?.isEmpty != true else {
            throw EngineError(.configuration, "\(setting.place): `days` names no day; leave it out for every day")
        }
        guard upload != nil || download != nil else {
            throw EngineError(.configuration, "\(setting.place): a window has `upload`, `download` or both")
        }
    }

    /// - Parameters:
    ///   - day: 0 is Monday.
    ///   - minute: since midnight.
    func contains(day: Int, minute: Int) -> Bool {
        if from.minutes < to.minutes { return covers(day) && (from.minutes..<to.minutes).contains(minute) }
        return minute >= from.minutes ? covers(day) : minute < to.minutes && covers((day + 6) % 7)
    }

    private func covers(_ day: Int) -> Bool { days?.contains { $0.number == day } ?? true }
}
