/// Bytes a second as written in a configuration: `50MiB`, or `unlimited`.
package struct BandwidthLimit: Sendable, Equatable, Decodable, PlacedSetting {
    /// Nil: no limit.
    package let bytesPerSecond: Int?

    package init(bytesPerSecond: Int?) { self.bytesPerSecond = bytesPerSecond }

    package init(placed setting: Setting, what: String) throws {
        guard case .scalar(let text) = setting.shape else { throw Self.mismatch(setting, what) }
        if text == "unlimited" {
            bytesPerSecond = nil
        } else if let size = ByteSize(text), size.bytes > 0 {
            bytesPerSecond = size.bytes
        } else {
            throw Self.mismatch(setting, what)
        }
    }

    package init(from decoder: any Decoder) throws {
        throw EngineError(.bug, "a limit can only be decoded from settings")
    }

    private static func mismatch(_ setting: Setting, _ what: String) -> EngineError {
        setting.mismatch(what, "bytes a second above 0 such as `50MiB`, or `unlimited`")
    }
}
