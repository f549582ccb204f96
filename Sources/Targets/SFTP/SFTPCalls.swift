import Engine
import Wire

/// Runs calls on connections, again on new ones when connections break.
struct SFTPCalls: Sendable {
    let sessions: SFTPSessions
    /// Whom messages name: `sftp://user@host:port/path`.
    let place: String
    let attempts: Int

    /// Runs `body`, which goes on where it was when it is run again.
    func run<T>(
        _ what: String, _ body: (SFTPConnection) throws(WireError) -> T
    ) async throws(EngineError) -> T {
        var tried = 0
        while true {
            let failure: WireError
            do throws(WireError) {
                return try await sessions.lend(body)
            } catch {
                failure = error
            }
            tried += 1
            guard failure.isRetryable, tried < attempts, !Task.isCancelled else {
                throw EngineError(sftp: failure, what, on: place)
            }
            try await pause(tried)
        }
    }

    /// Waits 0.1 seconds, then four times as long each time, up to 20 seconds; a third more or less by chance.
    private func pause(_ tried: Int) async throws(EngineError) {
        let seconds = min(20, 0.1 * Double(1 << min(2 * (tried - 1), 16)))
        do {
            try await Task.sleep(for: .seconds(seconds * Double.random(in: 0.7...1.3)))
        } catch {
            throw EngineError(error)
        }
    }
}
