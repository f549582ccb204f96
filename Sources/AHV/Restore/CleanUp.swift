import Engine
import Synchronization

/// What a restore has changed on the cluster so far, and how each change is taken back.
final class CleanUp: Sendable {
    struct Step: Sendable {
        /// What is gone afterwards, in words.
        let what: String
        /// Returns false when there was nothing to take back.
        let undo: @Sendable () async throws(PrismError) -> Bool
    }

    private let steps = Mutex<[Step]>([])

    func add(_ what: String, _ undo: @escaping @Sendable () async throws(PrismError) -> Bool) {
        steps.withLock { $0.append(Step(what: what, undo: undo)) }
    }

    /// Lets everything stay.
    func forget() { steps.withLock { $0 = [] } }

    /// Takes back every step, the latest first, and says what was done and what could not be.
    func run() async -> [String] {
        let all = steps.withLock { steps in
            defer { steps = [] }
            return steps
        }
        var report: [String] = []
        for step in all.reversed() {
            do throws(PrismError) {
                if try await uncancelled(step.undo) { report.append(step.what) }
            } catch {
                report.append("NOT done: \(step.what): \(error.message)")
            }
        }
        return report
    }
}
