import Synchronization

/// Spreads calls so that Prism's limits are not reached: so many a second in all, and fewer VM lists.
final class RequestRate: Sendable {
    private struct Bucket {
        let interval: Duration
        let burst: Int
        /// When the bucket is full again.
        var filled = ContinuousClock.now

        /// Takes a turn and says when it is.
        mutating func take(_ now: ContinuousClock.Instant) -> ContinuousClock.Instant {
            let slot = max(filled, now)
            filled = slot + interval
            return max(now, slot - interval * (burst - 1))
        }
    }

    private struct State {
        var all: Bucket
        var machineLists: Bucket
    }

    private let state: Mutex<State>

    init(perSecond: Int, machineListsPerSecond: Int) {
        let all = max(1, perSecond)
        let lists = max(1, machineListsPerSecond)
        state = Mutex(
            State(
                all: Bucket(interval: .seconds(1) / all, burst: all),
                machineLists: Bucket(interval: .seconds(1) / lists, burst: lists)))
    }

    /// Waits until the call may go.
    func turn(for call: PrismCall) async throws(PrismError) {
        let isMachineList = call.method == "GET" && call.path.hasSuffix("/ahv/config/vms")
        let at = state.withLock { state in
            let now = ContinuousClock.now
            let first = state.all.take(now)
            return isMachineList ? max(first, state.machineLists.take(now)) : first
        }
        guard at > .now else { return }
        do {
            try await Task.sleep(until: at, clock: .continuous)
        } catch {
            throw .cancelled
        }
    }
}
