/// Tasks.
extension World {
    static let taskRoutes: [Route] = [
        Route(
            "listTasks", "GET /prism/config/tasks", "prism.v4.config.ListTasksApiResponse Task"
        ) { world, _ in
            let now = Timestamp.now()
            let bodies = world.recentTasks.map { $0.body(world.settings, now: now) }
            return .list(bodies, fields: ["extId", "status", "operation", "createdTime"])
        },
        Route(
            "getTask", "GET /prism/config/tasks/{id}", "prism.v4.config.GetTaskApiResponse Task"
        ) { world, call in
            world.tasks[call["id"]]?.polls += 1
            return .entity(try world.task(call["id"]).body(world.settings, now: .now()), etag: nil)
        },
        Route(
            "listAffectedEntities", "GET /prism/config/tasks/{id}/affected-entities",
            "prism.v4.config.ListTaskEntitiesApiResponse EntityReference", since: 2
        ) { world, call in
            guard case .done(let result) = try world.task(call["id"]).outcome else { return .list([], fields: []) }
            return .list(result.entities.map { ["extId": .string($0.id), "rel": .string($0.rel)] }, fields: ["rel"])
        },
        Route(
            "cancelTask", "POST /prism/config/tasks/{id}/$actions/cancel",
            "prism.v4.config.CancelTaskApiResponse prism.v4.error.AppMessage"
        ) { world, call in
            let record = try world.task(call["id"])
            guard ["QUEUED", "RUNNING"].contains(record.status(world.settings, now: .now())) else {
                throw APIError.message(
                    409, "TSKS-20901", "TASK_CANCELLATION_FAILED", "The task has ended and cannot be canceled.")
            }
            world.tasks[record.id]?.outcome = .canceled
            world.tasks[record.id]?.ended = .now()
            world.working[record.id]?.cancel()
            world.save()
            return .object(
                [
                    "message": "The task was canceled.", "severity": "INFO", "code": "TSKS-20000", "locale": "en-US",
                    "errorGroup": "TASK_CANCELLATION_SUCCESS",
                ], link: nil)
        },
    ]

    private func task(_ id: String) throws(APIError) -> TaskRecord {
        guard let record = tasks[id] else { throw .message(404, "TSKS-20404", "ENTITY_NOT_FOUND", "No task \(id).") }
        return record
    }
}
