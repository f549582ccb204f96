import Synchronization
import Testing

@testable import Targets

@Suite("How long calls to stores are repeated")
struct RetryPolicyTests {
    private func pauses(_ policy: RetryPolicy, wish: Duration? = nil) -> [Duration] {
        let made = Pauses()
        var policy = policy
        policy.elapsed = { made.sum }
        var attempt = 1
        while let pause = policy.pause(after: attempt, since: .zero, wish: wish) {
            made.note(pause)
            attempt += 1
        }
        return made.all
    }

    @Test("pauses grow, and reach well over a minute and no more than three", arguments: 0..<50)
    func growth(_ round: Int) {
        let all = pauses(RetryPolicy())
        #expect(all.reduce(.zero, +) > .seconds(100) && all.reduce(.zero, +) <= .seconds(180))
        #expect(all[0] <= .milliseconds(400) && all.allSatisfy { $0 <= .seconds(15) })
        #expect(all.last ?? .zero >= .seconds(7))
    }

    @Test("what the server wishes counts, unless it is beyond our patience")
    func wishes() {
        #expect(pauses(RetryPolicy(), wish: .seconds(20)).prefix(3).allSatisfy { $0 == .seconds(20) })
        #expect(pauses(RetryPolicy(), wish: .seconds(600)).isEmpty)
    }

    @Test("the number of attempts is bounded too")
    func attempts() {
        var policy = RetryPolicy()
        policy.attempts = 4
        #expect(pauses(policy).count == 3)
    }
}
