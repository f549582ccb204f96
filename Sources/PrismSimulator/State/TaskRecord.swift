/// What a finished piece of work reports.
struct TaskResult: Sendable {
    struct Affected: Sendable {
        var rel: String
        var id: String
        var name: String?
    }

    var entities: [Affected] = []
    var details: [(name: String, value: String)] = []
    var warnings: [String] = []

    mutating func add(_ rel: String, _ id: String, _ name: String? = nil) {
        entities.append(Affected(rel: rel, id: id, name: name))
    }
}

/// Why a piece of work failed; the task shows it.
struct TaskFailure: Error, Sendable {
    var code = "%-50000"
    var group: String
    var message: String
}

/// One task. What it shows depends on how far the work is and on how often it was asked for.
struct TaskRecord: Sendable {
    enum Outcome: Sendable {
        case working
        case done(TaskResult)
        case failed(TaskFailure)
        case canceled
    }

    var id: String
    var operation: String
    var clusters: [String]
    var owner: String
    var created: Timestamp
    var ended: Timestamp?
    var outcome: Outcome = .working
    var polls = 0
    var neverEnds = false
    /// Polls after the end that still see no entities.
    var latePolls = 0

    /// The status a client sees now.
    func status(_ settings: Settings, now: Timestamp) -> String {
        if case .canceled = outcome { return "CANCELED" }
        if polls <= settings.queuedPolls && settings.queuedPolls > 0 { return "QUEUED" }
        if polls <= settings.queuedPolls + settings.runningPolls { return "RUNNING" }
        if neverEnds || now < created.adding(seconds: settings.taskSeconds) { return "RUNNING" }
        return switch outcome {
        case .working: "RUNNING"
        case .done: "SUCCEEDED"
        case .failed: "FAILED"
        case .canceled: "CANCELED"
        }
    }

    /// The API's object.
    func body(_ settings: Settings, now: Timestamp, namespace: String = "prism") -> JSONValue {
        let status = status(settings, now: now)
        let hasEnded = ["SUCCEEDED", "FAILED", "CANCELED"].contains(status)
        var body: JSONValue = [
            "extId": .string(id), "operation": .string(operation), "operationDescription": .string(operation),
            "status": .string(status),
            "progressPercentage": .int(hasEnded ? 100 : status == "RUNNING" ? 50 : 0),
            "createdTime": .string(created.text), "lastUpdatedTime": .string((ended ?? now).text),
            "clusterExtIds": .array(clusters.map(JSONValue.string)),
            "ownedBy": ["extId": .string(Identity.named("user/\(owner)")), "name": .string(owner)],
            "isCancelable": true, "isBackgroundTask": false, "numberOfSubtasks": 0,
        ]
        if status != "QUEUED" { body["startedTime"] = .string(created.text) }
        if hasEnded { body["completedTime"] = .string((ended ?? now).text) }
        switch outcome {
        case .done(let result) where hasEnded: show(result, settings, in: &body)
        case .failed(let failure) where hasEnded:
            body["errorMessages"] = [
                [
                    "message": .string(failure.message), "severity": "ERROR", "code": .string(failure.code),
                    "locale": "en-US", "errorGroup": .string(failure.group),
                ]
            ]
            body["legacyErrorMessage"] = .string(failure.message)
        default: break
        }
        return body
    }

    private func show(_ result: TaskResult, _ settings: Settings, in body: inout JSONValue) {
        let late = max(latePolls, settings.lateEntityPolls)
        if polls > settings.queuedPolls + settings.runningPolls + 1 + late || late == 0 {
            body["entitiesAffected"] = .array(
                result.entities.map {
                    JSONValue.object([
                        "extId": .string($0.id), "rel": .string($0.rel), "name": .optional($0.name),
                    ]).withoutNulls
                })
            body["numberOfEntitiesAffected"] = .int(result.entities.count)
        }
        if !result.details.isEmpty {
            body["completionDetails"] = .array(
                result.details.map { ["name": .string($0.name), "value": .string($0.value)] })
        }
        if !result.warnings.isEmpty {
            body["warnings"] = .array(
                result.warnings.map {
                    [
                        "message": .string($0), "severity": "WARNING", "code": "DP-20000", "locale": "en-US",
                        "errorGroup": "APPLICATION_CONSISTENCY_WARNING",
                    ]
                })
        }
    }
}
