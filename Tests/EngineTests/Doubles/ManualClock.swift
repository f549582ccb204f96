import Synchronization

@testable import Engine

/// A clock that stands still, but for those who sleep: it goes on by as long as they want to, at once.
final class ManualClock: Sendable {
    private let state: Mutex<(elapsed: Duration, sleeps: [Duration])>
    private let start: Timestamp

    init(_ start: String = "2026-11-23T12:00:00Z") {
        self.start = Timestamp(start) ?? Timestamp(milliseconds: 0)
        state = Mutex((.zero, []))
    }

    var elapsed: Duration { state.withLock { $0.elapsed } }
    /// How long was slept, each time.
    var sleeps: [Duration] { state.withLock { $0.sleeps } }

    var now: Timestamp {
        let milliseconds = Int64((elapsed.inSeconds * 1000).rounded())
        return Timestamp(milliseconds: start.milliseconds + milliseconds)
    }

    func advance(_ duration: Duration) { state.withLock { $0.elapsed += duration } }

    var clock: LayerClock {
        LayerClock(elapsed: { self.elapsed }, now: { self.now }) { duration in
            try Task.checkCancellation()
            self.state.withLock { state in
                state.elapsed += duration
                state.sleeps.append(duration)
            }
        }
    }
}
