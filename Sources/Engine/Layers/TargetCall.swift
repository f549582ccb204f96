/// The kinds of calls that a target takes, for layers that count or fail them.
package enum TargetCall: String, Sendable, Hashable, Codable, SettingWord {
    case open, put, get, size, delete, list, sweep
}
