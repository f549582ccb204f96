import Synchronization

/// Keeps the number of labs that run at once small, so that a whole test run does not start dozens of daemons.
final class LabPlace: Sendable {
    private struct State {
        var free = 4
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private static let state = Mutex(State())
    private let isHeld = Mutex(true)

    /// Waits for a free place.
    static func take() async -> LabPlace {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.free > 0 else {
                    state.waiting.append(continuation)
                    return false
                }
                state.free -= 1
                return true
            }
            if isFree { continuation.resume() }
        }
        return LabPlace()
    }

    private init() {}

    deinit { leave() }

    /// Gives the place to the next one; may be called again.
    func leave() {
        let wasHeld = isHeld.withLock { held in
            defer { held = false }
            return held
        }
        guard wasHeld else { return }
        let next = Self.state.withLock { state -> CheckedContinuation<Void, Never>? in
            if state.waiting.isEmpty {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
