import Engine

/// A length of time as written in a configuration: `30d`, `12h`, `90min`, `8w`. A day is 24 hours, a week 7 days.
struct TimeSpan: Sendable, Equatable, Decodable, PlacedSetting {
    let seconds: Int64

    init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }
        let units: [String: Int64] = ["min": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400]
        guard let number = Int64(digits), let factor = units[String(unit)] else { return nil }
        let (seconds, overflow) = number.multipliedReportingOverflow(by: factor)
        guard !overflow else { return nil }
        self.seconds = seconds
    }

    init(placed setting: Setting, what: String) throws {
        guard case .scalar(let text) = setting.shape, let span = TimeSpan(text) else {
            throw setting.mismatch(what, "a length of time such as `30d`, `12h` or `90min`")
        }
        self = span
    }

    init(from decoder: any Decoder) throws {
        throw EngineError(.bug, "a length of time can only be decoded from settings")
    }
}

extension TimeSpan: CustomStringConvertible {
    /// In the largest unit that fits without a rest.
    var description: String {
        let units: [(String, Int64)] = [("w", 7 * 86_400), ("d", 86_400), ("h", 3600)]
        let fitting = units.first { seconds > 0 && seconds % $0.1 == 0 }
        return fitting.map { "\(seconds / $0.1)\($0.0)" } ?? "\(seconds / 60)min"
    }
}
