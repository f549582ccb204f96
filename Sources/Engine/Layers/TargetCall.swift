/// The kinds of calls that a target and its uploads take, for layers that count or fail them.
package enum TargetCall: String, Sendable, Hashable, Codable, SettingWord {
    case open, put, begin, append, finish, get, size, delete, list, sweep
}
