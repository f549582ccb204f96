/// The kinds of calls that a target takes, for layers that count or fail them.
package enum TargetCall: String, Sendable, Hashable, CaseIterable {
    case open, put, get, size, delete, list, sweep
}
