/// One of a few words of a configuration: an enumeration whose cases bear them.
package protocol SettingWord: PlacedSetting, RawRepresentable<String>, CaseIterable {}

extension SettingWord {
    package init(placed setting: Setting, what: String) throws {
        guard case .scalar(let text) = setting.shape, let word = Self(rawValue: text) else {
            throw setting.mismatch(what, "one of " + Self.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", "))
        }
        self = word
    }
}
