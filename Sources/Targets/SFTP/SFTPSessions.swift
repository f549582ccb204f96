import Engine
import Synchronization
import Wire

/// The connections to one server, each lent to one call at a time; made when they are needed, kept for the next call.
final class SFTPSessions: Sendable {
    private struct Idle {
        let connection: SFTPConnection
        let since: ContinuousClock.Instant
    }

    private struct State {
        var idle: [Idle] = []
        var free: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let endpoint: SSHEndpoint
    private let state: Mutex<State>

    init(_ endpoint: SSHEndpoint, limit: Int) {
        self.endpoint = endpoint
        state = Mutex(State(free: limit))
    }

    /// Runs `body` with a connection that is alive as far as can be told. A broken one is thrown away afterwards.
    func lend<T>(_ body: (SFTPConnection) throws(WireError) -> T) async throws(WireError) -> T {
        await takeTurn()
        defer { endTurn() }
        let connection = if let idle = idle() { idle } else { try SFTPConnection.open(endpoint) }
        defer { keep(connection) }
        return try body(connection)
    }

    /// Closes the connections that nobody uses.
    func close() {
        let idle = state.withLock { state in
            defer { state.idle = [] }
            return state.idle
        }
        _ = consume idle
    }

    private func idle() -> SFTPConnection? {
        while let found = state.withLock({ $0.idle.popLast() }) {
            if found.connection.isAlive(afterIdleFor: found.since.duration(to: .now)) { return found.connection }
        }
        return nil
    }

    private func keep(_ connection: SFTPConnection) {
        guard !connection.isBroken else { return }
        state.withLock { $0.idle.append(Idle(connection: connection, since: .now)) }
    }

    private func takeTurn() async {
        await withCheckedContinuation { continuation in
            let isMine = state.withLock { state in
                guard state.free == 0 else {
                    state.free -= 1
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if isMine { continuation.resume() }
        }
    }

    private func endTurn() {
        let next: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.free += 1
            return nil
        }
        next?.resume()
    }
}
