import Logging

extension World {
    /// Tasks, newest first.
    var recentTasks: [TaskRecord] { tasks.values.sorted { ($0.created, $0.id) > ($1.created, $1.id) } }

    /// Starts a task that does `work` behind the answer.
    func start(_ call: APICall, _ operation: String, clusters: [String], _ work: @escaping Work) -> Answer {
        let id = "ZXJnb24=:" + Identity.random()
        var record = TaskRecord(
            id: id, operation: operation, clusters: clusters, owner: call.user, created: .now())
        record.neverEnds = call.taskFault == .neverEnds
        if call.taskFault == .lateEntities { record.latePolls = 2 }
        tasks[id] = record
        if tasks.count > 1000 {
            for old in recentTasks.dropFirst(500) where working[old.id] == nil { tasks[old.id] = nil }
        }
        if let refusal = call.refusal {
            end(id, .failed(refusal))
        } else if call.taskFault == .fail {
            end(id, .failed(TaskFailure(group: "SIMULATED_FAULT", message: "The simulated fault that was asked for.")))
        } else {
            let leaving = call.taskFault == .failLeaving
            working[id] = Task { await self.perform(id, leaving: leaving, work) }
        }
        return .task(id)
    }

    private func perform(_ id: String, leaving: Bool, _ work: Work) async {
        let outcome: TaskRecord.Outcome
        do {
            let result = try await work(self)
            let failure = TaskFailure(code: "DP-10000", group: "INTERNAL_ERROR", message: "Internal error.")
            outcome = leaving ? .failed(failure) : .done(result)
        } catch let failure as TaskFailure {
            outcome = .failed(failure)
        } catch let error as APIError {
            outcome = .failed(TaskFailure(error))
        } catch {
            log.warning("a task failed", metadata: ["task": "\(id)", "error": "\(error)"])
            outcome = .failed(TaskFailure(group: "INTERNAL_ERROR", message: "\(error)"))
        }
        end(id, outcome)
        working[id] = nil
    }

    private func end(_ id: String, _ outcome: TaskRecord.Outcome) {
        tasks[id]?.ended = .now()
        if case .canceled? = tasks[id]?.outcome { return save() }
        tasks[id]?.outcome = outcome
        save()
    }
}

extension TaskFailure {
    /// The refusal of a call, found out only while its task worked.
    init(_ error: APIError) {
        switch error.body {
        case .message(let code, let group, let text): self.init(code: code, group: group, message: text)
        case .schema(let violations, _):
            self.init(group: "INVALID_REQUEST", message: violations.map(\.message).joined(separator: " "))
        case .empty, .text: self.init(group: "INTERNAL_ERROR", message: "Internal error.")
        }
    }
}
