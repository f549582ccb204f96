package import Engine

/// A setting that is one of a few words. The error names them.
extension PlacedSetting where Self: RawRepresentable & CaseIterable, RawValue == String {
    package init(placed setting: Setting, what: String) throws {
        guard case .scalar(let text) = setting.shape, let value = Self(rawValue: text) else {
            throw setting.mismatch(what, "one of " + Self.allCases.map(\.rawValue).joined(separator: ", "))
        }
        self = value
    }
}
