import Engine

/// A name that refers to another entry of the configuration, with the place where it was written.
struct PlacedName: Sendable, Decodable, PlacedSetting {
    let text: String
    let place: String

    init(placed setting: Setting, what: String) throws {
        guard case .scalar(let text) = setting.shape else { throw setting.mismatch(what, "a name") }
        self.text = text
        place = setting.place
    }

    init(from decoder: any Decoder) throws {
        throw EngineError(.bug, "a name can only be decoded from settings")
    }
}
