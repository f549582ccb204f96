import Synchronization

/// What passes through the iSCSI portals, and what faults make of it. Shared by all of them.
final class PortalTraffic: Sendable {
    private struct State {
        var readBytes = 0
        var writtenBytes = 0
        var sessions = 0
        var cutAfter: Int?
        var refuseUntil = Timestamp(microseconds: 0)
        var emptyUntil = Timestamp(microseconds: 0)
        var delay = 0.0
    }

    private let state = Mutex(State())

    /// Counts bytes on their way.
    ///
    /// - Returns: false when the session is to be cut now.
    func pass(_ count: Int, toClient: Bool) -> Bool {
        state.withLock { state in
            if toClient { state.readBytes += count } else { state.writtenBytes += count }
            guard let left = state.cutAfter else { return true }
            state.cutAfter = left > count ? left - count : nil
            return left > count
        }
    }

    func beginSession() { state.withLock { $0.sessions += 1 } }
    func cut(after bytes: Int) { state.withLock { $0.cutAfter = max(1, bytes) } }
    func refuse(until time: Timestamp) { state.withLock { $0.refuseUntil = time } }
    func hideTargets(until time: Timestamp) { state.withLock { $0.emptyUntil = time } }
    func delay(by seconds: Double) { state.withLock { $0.delay = seconds } }

    var refuses: Bool { state.withLock { $0.refuseUntil > .now() } }
    var hidesTargets: Bool { state.withLock { $0.emptyUntil > .now() } }
    var delay: Double { state.withLock { $0.delay } }

    /// Bytes and sessions so far.
    var summary: JSONValue {
        state.withLock {
            [
                "readBytes": .int($0.readBytes), "writtenBytes": .int($0.writtenBytes), "sessions": .int($0.sessions),
            ]
        }
    }
}
