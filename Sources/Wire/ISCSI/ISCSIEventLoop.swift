import CISCSI

/// Serves one logged-in session on its own thread until the session is closed or lost.
final class ISCSIEventLoop {
    private let connection: ISCSIConnection
    private let mailbox: ISCSIMailbox
    private let finished = FinishedCommands()
    private var underWay: [ObjectIdentifier: ISCSICommand] = [:]
    /// Commands that wait for their next attempt.
    private var paused: [ISCSICommand] = []
    /// Completed writes, answered once nothing queued can still read their memory.
    private var written: [(command: ISCSICommand, result: Result<[UInt8], WireError>)] = []
    /// Tasks of earlier attempts, freed once nothing queued can still name them.
    private var spent: [UnsafeMutablePointer<scsi_task>] = []

    init(_ connection: ISCSIConnection, _ mailbox: ISCSIMailbox) {
        self.connection = connection
        self.mailbox = mailbox
    }

    /// Everything a session's thread does from birth to end. Every command left by then is answered.
    static func run(
        _ endpoint: ISCSIEndpoint, _ mailbox: ISCSIMailbox, opened: (Result<Void, WireError>) -> Void
    ) {
        let reason: WireError
        do throws(WireError) {
            let connection = try ISCSIConnection.open(endpoint, for: .commands, mailbox)
            opened(.success(()))
            reason = ISCSIEventLoop(connection, mailbox).serve()
        } catch {
            reason = error
            opened(.failure(error))
        }
        mailbox.end(reason)
    }

    /// Returns why the session ended, with every command answered and libiscsi's memory freed.
    private func serve() -> WireError {
        var reason: WireError?
        while reason == nil {
            if mailbox.isClosing {
                reason = WireError(.closed, "the session with \(connection.place) was closed")
                connection.logOut()
                break
            }
            reason = step()
        }
        let ending = reason ?? WireError(.closed, "the session was closed")
        // Ends every attempt: from here on libiscsi names neither the callers' memory nor a task.
        iscsi_disconnect(connection.context)
        iscsi_scsi_cancel_all_tasks(connection.context)
        release()
        for command in Array(underWay.values) + paused { command.reply(.failure(ending)) }
        return ending
    }

    /// One round: takes what callers left, lets libiscsi work, hands out results.
    private func step() -> WireError? {
        for submission in mailbox.takeSubmissions() {
            start(ISCSICommand(submission, deadline: .now + connection.endpoint.limits.command, finished))
        }
        resumePaused()
        let isAlive = connection.service(waiting: pause)
        for command in finished.take() {
            if let reason = settle(command) { return reason }
        }
        if !isAlive { return lost(connection.libraryError) }
        if !written.isEmpty || !spent.isEmpty, connection.isDrained { release() }
        return overdue()
    }

    private func start(_ command: ISCSICommand) {
        let (isQueued, earlier) = command.start(on: connection.context)
        if let earlier { spent.append(earlier) }
        if isQueued {
            underWay[ObjectIdentifier(command)] = command
        } else {
            command.reply(.failure(lost(connection.libraryError)))
        }
    }

    private func resumePaused() {
        guard !paused.isEmpty else { return }
        let now = ContinuousClock.now
        let due = paused.filter { $0.notBefore.map { $0 <= now } ?? true }
        paused.removeAll { command in due.contains { $0 === command } }
        for command in due { start(command) }
    }

    /// Decides what becomes of a command whose attempt ended. Returns the reason if the session must end with it.
    private func settle(_ command: ISCSICommand) -> WireError? {
        if command.status == ciscsi_status_timeout { return late(command) }
        guard command.isAnswered else { return lost(connection.libraryError) }
        if let pause = command.pauseBeforeRepetition {
            underWay[ObjectIdentifier(command)] = nil
            command.notBefore = .now + pause
            paused.append(command)
            return nil
        }
        let result = command.result(at: connection.place)
        if command.request.isWrite {
            // Bytes of a refused write may still be queued: only the end of the session frees the caller's memory.
            if case .failure(let error) = result { return error }
            underWay[ObjectIdentifier(command)] = nil
            written.append((command, result))
            return nil
        }
        underWay[ObjectIdentifier(command)] = nil
        command.reply(result)
        return nil
    }

    private func release() {
        for (command, result) in written { command.reply(result) }
        written.removeAll(keepingCapacity: true)
        for task in spent { scsi_free_scsi_task(task) }
        spent.removeAll(keepingCapacity: true)
    }

    private var pause: Duration {
        guard !paused.isEmpty else { return .seconds(1) }
        let now = ContinuousClock.now
        let next = paused.compactMap(\.notBefore).min() ?? now
        return next <= now ? .milliseconds(1) : next - now
    }

    private func overdue() -> WireError? {
        guard !underWay.isEmpty || !paused.isEmpty else { return nil }
        let now = ContinuousClock.now
        guard
            let late = underWay.values.first(where: { $0.deadline < now }) ?? paused.first(where: { $0.deadline < now })
        else { return nil }
        return self.late(late)
    }

    private func late(_ command: ISCSICommand) -> WireError {
        WireError(.timedOut, "\(connection.place) did not finish \(command.request.name) in time")
    }

    private func lost(_ detail: String) -> WireError {
        WireError(.connectionLost, "the connection to \(connection.place) was lost: \(detail)")
    }
}
