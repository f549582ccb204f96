/// A time in the settings of an image format: RFC 3339, UTC.
public struct ImageTime: Sendable, Hashable {
    public let time: Timestamp

    public init(_ time: Timestamp) { self.time = time }
}

extension ImageTime: Decodable, PlacedSetting {
    package init(placed setting: Setting, what: String) throws {
        guard case .scalar(let text) = setting.shape, let time = Timestamp(text) else {
            throw setting.mismatch(what, "a time in UTC such as `2026-11-22T18:30:45Z`")
        }
        self.time = time
    }

    public init(from decoder: any Decoder) throws {
        throw EngineError(.bug, "a time can only be decoded from settings")
    }
}
