import Engine

/// A task of Prism as last seen.
struct PrismTask: Sendable {
    let record: JSONValue

    var id: String { record.extID ?? "" }
    var status: String { record["status"]?.string ?? "$UNKNOWN" }
    var operation: String { record["operationDescription"]?.string ?? record["operation"]?.string ?? "a task" }
    var isEnded: Bool { ["SUCCEEDED", "FAILED", "CANCELED"].contains(status) }
    var isDone: Bool { status == "SUCCEEDED" }

    /// Ids of what the task touched, by the whole of its relation's name.
    func entities(_ relation: String) -> [String] {
        (record["entitiesAffected"]?.array ?? []).filter { $0["rel"]?.string == relation }.compactMap(\.extID)
    }

    func detail(_ name: String) -> String? {
        (record["completionDetails"]?.array ?? []).first { $0["name"]?.string == name }?["value"]?.string
    }

    var warnings: [String] { (record["warnings"]?.array ?? []).compactMap { $0["message"]?.string } }
    var children: [String] { (record["subTasks"]?.array ?? []).compactMap(\.extID) }

    /// What the task says about its failure; empty if it says nothing.
    var complaint: String {
        let messages = record["errorMessages"]?.array ?? []
        return messages.isEmpty ? record["legacyErrorMessage"]?.string ?? "" : PrismFault.texts(messages)
    }

    var failure: PrismError {
        let messages = record["errorMessages"]?.array ?? []
        return PrismError(
            status == "CANCELED" ? .cancelled : .failed,
            "Prism's task '\(operation)' ended as \(status): \(complaint.isEmpty ? "it gives no reason" : complaint)",
            status: nil, codes: messages.compactMap { $0["code"]?.string },
            groups: messages.compactMap { $0["errorGroup"]?.string })
    }
}

extension PrismClient {
    /// Waits for the end of a task.
    /// - Throws: the task's own reason if it failed; `timedOut` when it outlasts the limit for tasks.
    func wait(forTask id: String) async throws(PrismError) -> PrismTask {
        let deadline = ContinuousClock.now + limits.task
        var pause = Duration.milliseconds(100)
        while true {
            let task = try await task(id)
            if task.isDone { return task }
            if task.isEnded { throw try await explained(task) }
            guard ContinuousClock.now + pause < deadline else {
                await cancel(task)
                throw PrismError(
                    .timedOut,
                    "Prism's task '\(task.operation)' (\(id)) is \(task.status) after \(limits.task.components.seconds) s: "
                        + "look at it under Activity in Prism, or raise `taskTimeoutSeconds`")
            }
            do { try await Task.sleep(for: pause) } catch { throw .cancelled }
            pause = min(pause * 1.5, .seconds(5))
        }
    }

    func task(_ id: String) async throws(PrismError) -> PrismTask {
        PrismTask(record: try await object(.prism, "config/tasks/\(PrismCall.segment(id))"))
    }

    /// The id of what a finished task made. Prism may list it a little later than the task ends.
    func made(_ relation: String, by task: PrismTask) async throws(PrismError) -> String? {
        if let id = task.entities(relation).first { return id }
        for _ in 0..<5 {
            do { try await Task.sleep(for: .milliseconds(400)) } catch { throw .cancelled }
            if let id = try await self.task(task.id).entities(relation).first { return id }
        }
        return nil
    }

    /// A task that outlasts its limit is asked to stop; many cannot be stopped, which is no error of ours.
    private func cancel(_ task: PrismTask) async {
        guard task.record["isCancelable"]?.bool == true,
            let path = try? await path(.prism, "config/tasks/\(PrismCall.segment(task.id))/$actions/cancel")
        else { return }
        _ = try? await send(PrismCall(method: "POST", path: path))
    }

    private func explained(_ task: PrismTask) async throws(PrismError) -> PrismError {
        guard task.complaint.isEmpty else { return task.failure }
        for child in task.children.prefix(8) {
            let part = try await self.task(child)
            if !part.complaint.isEmpty { return part.failure }
        }
        return task.failure
    }
}
