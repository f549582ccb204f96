import CISCSI
import Glibc
import Synchronization

/// What callers leave for a session's thread, with a bell (an eventfd) that wakes it.
///
/// Once the session has ended, for whatever reason, submissions are answered at once with that reason.
final class ISCSIMailbox: Sendable {
    typealias Reply = @Sendable (Result<[UInt8], WireError>) -> Void

    struct Submission: Sendable {
        let request: ISCSIRequest
        let reply: Reply
    }

    private struct State {
        var submissions: [Submission] = []
        var isClosing = false
        var ended: WireError?
        var waitingForEnd: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    /// Readable when there is something to look at.
    let bell: Int32

    init() throws(WireError) {
        bell = ciscsi_bell()
        guard bell >= 0 else {
            throw WireError(.unreachable, "no file descriptor is left for a session: raise the limit of open files")
        }
    }

    deinit { close(bell) }

    /// Leaves a request; its reply comes exactly once.
    func post(_ submission: Submission) {
        let ended = state.withLock { state -> WireError? in
            if state.ended == nil { state.submissions.append(submission) }
            return state.ended
        }
        if let ended { submission.reply(.failure(ended)) } else { ring() }
    }

    /// Asks the thread to end the session.
    func requestClose() {
        state.withLock { $0.isClosing = true }
        ring()
    }

    var isClosing: Bool { state.withLock { $0.isClosing } }

    func takeSubmissions() -> [Submission] {
        state.withLock { state in
            defer { state.submissions.removeAll(keepingCapacity: true) }
            return state.submissions
        }
    }

    /// Called by the thread as its last act.
    func end(_ reason: WireError) {
        let (left, waiting) = state.withLock { state in
            state.ended = reason
            defer {
                state.submissions = []
                state.waitingForEnd = []
            }
            return (state.submissions, state.waitingForEnd)
        }
        for submission in left { submission.reply(.failure(reason)) }
        for continuation in waiting { continuation.resume() }
    }

    /// Returns once the thread has let go of the connection.
    func waitForEnd() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.ended == nil { state.waitingForEnd.append(continuation) }
                return state.ended != nil
            }
            if isOver { continuation.resume() }
        }
    }

    private func ring() {
        var one: UInt64 = 1
        _ = write(bell, &one, MemoryLayout<UInt64>.size)
    }

    /// Called by the thread once it has woken.
    func silence() {
        var count: UInt64 = 0
        _ = read(bell, &count, MemoryLayout<UInt64>.size)
    }
}
