/// A time of day as written in a configuration, from `00:00` to `24:00`.
struct TimeOfDay: Sendable, Equatable, Decodable, PlacedSetting {
    /// Since midnight.
    let minutes: Int

    init?(_ text: String) {
        let numbers = text.split(separator: ":", omittingEmptySubsequences: false).map { part in
            (1...2).contains(part.utf8.count) && part.allSatisfy { $0.isASCII && $0.isNumber } ? Int(part) : nil
        }
        guard numbers.count == 2, let hour = numbers[0], let minute = numbers[1], minute < 60 else { return nil }
        minutes = hour * 60 + minute
        guard minutes <= 24 * 60 else { return nil }
    }

    init(placed setting: Setting, what: String) throws {
        guard case .scalar(let text) = setting.shape, let time = TimeOfDay(text) else {
            throw setting.mismatch(what, "a time of day such as `08:00`")
        }
        self = time
    }

    init(from decoder: any Decoder) throws {
        throw EngineError(.bug, "a time of day can only be decoded from settings")
    }
}
