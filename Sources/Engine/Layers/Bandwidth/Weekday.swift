/// A day of the week as written in a configuration: `mon` … `sun`.
struct Weekday: Sendable, Equatable, Decodable, PlacedSetting {
    /// 0 is Monday.
    let number: Int

    private static let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    init(placed setting: Setting, what: String) throws {
        guard case .scalar(let text) = setting.shape, let number = Self.names.firstIndex(of: text.lowercased()) else {
            throw setting.mismatch(what, "one of " + Self.names.map { "`\($0)`" }.joined(separator: ", "))
        }
        self.number = number
    }

    init(from decoder: any Decoder) throws {
        throw EngineError(.bug, "a day can only be decoded from settings")
    }
}
