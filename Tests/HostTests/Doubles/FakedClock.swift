import Engine
import Synchronization

/// The time of a scene: the machine's, until a test sets it; then it stands still.
final class FakedClock: Sendable {
    private let time = Mutex<Timestamp?>(nil)

    var now: Timestamp { time.withLock { $0 } ?? .now() }

    /// - Parameter text: RFC 3339 in UTC.
    func set(_ text: String) {
        time.withLock { $0 = Timestamp(text) }
    }

    func advance(hours: Int64) {
        time.withLock { $0 = ($0 ?? .now()).adding(seconds: hours * 3600) }
    }
}
