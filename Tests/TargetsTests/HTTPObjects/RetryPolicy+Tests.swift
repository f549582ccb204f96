import Synchronization
import Targets

/// The pauses that a test's target wanted to make.
final class Pauses: Sendable {
    private let made = Mutex<[Duration]>([])

    var all: [Duration] { made.withLock { $0 } }
    var sum: Duration { all.reduce(.zero, +) }

    func note(_ pause: Duration) { made.withLock { $0.append(pause) } }
}

extension RetryPolicy {
    /// The real policy over a time that passes only by pauses, which take none.
    /// - Parameter meanwhile: what happens during the pause of this number, the first being 1.
    static func instant(
        _ pauses: Pauses = Pauses(), stall: Duration = .seconds(20),
        meanwhile: @escaping @Sendable (Int) async throws -> Void = { _ in }
    ) -> RetryPolicy {
        var policy = RetryPolicy()
        policy.stall = stall
        policy.elapsed = { pauses.sum }
        policy.wait = { pause in
            pauses.note(pause)
            try await meanwhile(pauses.all.count)
        }
        return policy
    }

    /// One attempt.
    static var once: RetryPolicy {
        var policy = instant()
        policy.attempts = 1
        return policy
    }
}
