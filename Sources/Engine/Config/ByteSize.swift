/// A number of bytes as written in a configuration: `65536`, `64KiB`, `16 MiB`.
public struct ByteSize: Sendable, Equatable, Decodable, PlacedSetting {
    public let bytes: Int

    public init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }
        let shifts = ["": 0, "B": 0, "KiB": 10, "MiB": 20, "GiB": 30, "TiB": 40]
        guard let number = Int(digits), let shift = shifts[String(unit)] else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << shift)
        guard !overflow else { return nil }
        self.bytes = bytes
    }

    package init(placed setting: Setting, what: String) throws {
        guard case .scalar(let text) = setting.shape, let size = ByteSize(text) else {
            throw setting.mismatch(what, "a size such as `64KiB`")
        }
        self = size
    }

    public init(from decoder: any Decoder) throws {
        throw EngineError(.bug, "a size can only be decoded from settings")
    }
}
