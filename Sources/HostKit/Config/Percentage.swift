import Engine

/// A share as written in a configuration: `25%` or `25`, from 0 to 100.
struct Percentage: Sendable, Equatable, Decodable, PlacedSetting {
    let value: Double

    init?(_ text: String) {
        let number = text.hasSuffix("%") ? text.dropLast() : text[...]
        guard let value = Double(number.drop { $0 == " " }.prefix { $0 != " " }), (0...100).contains(value) else {
            return nil
        }
        self.value = value
    }

    /// 0 to 1.
    var fraction: Double { value / 100 }

    init(placed setting: Setting, what: String) throws {
        guard case .scalar(let text) = setting.shape, let share = Percentage(text) else {
            throw setting.mismatch(what, "a percentage from 0 to 100, such as `25%`")
        }
        self = share
    }

    init(from decoder: any Decoder) throws {
        throw EngineError(.bug, "a percentage can only be decoded from settings")
    }
}
