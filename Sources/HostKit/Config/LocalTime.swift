import Engine
import Foundation

/// The time zone in which days, weeks, months and years begin and end.
struct LocalTime: Sendable, Decodable, PlacedSetting {
    let zone: TimeZone

    /// The zone of this machine.
    static var machine: LocalTime { LocalTime(zone: .current) }

    private init(zone: TimeZone) { self.zone = zone }

    init(placed setting: Setting, what: String) throws {
        guard case .scalar(let text) = setting.shape, let zone = TimeZone(identifier: text) else {
            throw setting.mismatch(what, "the name of a time zone such as `Europe/Berlin` or `UTC`")
        }
        self.zone = zone
    }

    init(from decoder: any Decoder) throws {
        throw EngineError(.bug, "a time zone can only be decoded from settings")
    }

    var name: String { zone.identifier }

    /// Seconds that clocks of this zone are ahead of UTC at a moment.
    func offset(at time: Timestamp) -> Int {
        zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time.milliseconds) / 1000))
    }

    var calendar: RetentionCalendar { RetentionCalendar { time in offset(at: time) } }
}
