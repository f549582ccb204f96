extension TaskRecord {
    /// The record as the state file keeps it.
    var json: JSONValue {
        var value: JSONValue = [
            "id": .string(id), "operation": .string(operation), "clusters": .array(clusters.map(JSONValue.string)),
            "owner": .string(owner), "created": .int(created.microseconds), "polls": .int(polls),
            "neverEnds": .bool(neverEnds), "latePolls": .int(latePolls),
        ]
        if let ended { value["ended"] = .int(ended.microseconds) }
        switch outcome {
        case .working: value["outcome"] = "working"
        case .canceled: value["outcome"] = "canceled"
        case .failed(let failure):
            value["outcome"] = "failed"
            value["failure"] = [
                "code": .string(failure.code), "group": .string(failure.group), "message": .string(failure.message),
            ]
        case .done(let result):
            value["outcome"] = "done"
            value["entities"] = .array(
                result.entities.map { ["rel": .string($0.rel), "id": .string($0.id), "name": .optional($0.name)] })
            value["details"] = .array(
                result.details.map { ["name": .string($0.name), "value": .string($0.value)] })
            value["warnings"] = .array(result.warnings.map(JSONValue.string))
        }
        return value
    }

    /// Reads a record of a state file. Work that the end of the process cut off counts as failed.
    init?(json: JSONValue) {
        guard let id = json["id"]?.string, let operation = json["operation"]?.string,
            let created = json["created"]?.int
        else { return nil }
        self.init(
            id: id, operation: operation, clusters: (json["clusters"]?.elements ?? []).compactMap(\.string),
            owner: json["owner"]?.string ?? "", created: Timestamp(microseconds: created))
        ended = json["ended"]?.int.map(Timestamp.init(microseconds:))
        polls = json["polls"]?.int ?? 0
        neverEnds = json["neverEnds"]?.bool ?? false
        latePolls = json["latePolls"]?.int ?? 0
        switch json["outcome"]?.string {
        case "canceled": outcome = .canceled
        case "done":
            var result = TaskResult()
            for entity in json["entities"]?.elements ?? [] {
                result.add(entity["rel"]?.string ?? "", entity["id"]?.string ?? "", entity["name"]?.string)
            }
            for detail in json["details"]?.elements ?? [] {
                result.details.append((detail["name"]?.string ?? "", detail["value"]?.string ?? ""))
            }
            result.warnings = (json["warnings"]?.elements ?? []).compactMap(\.string)
            outcome = .done(result)
        case "failed":
            outcome = .failed(
                TaskFailure(
                    code: json.at("failure.code")?.string ?? "", group: json.at("failure.group")?.string ?? "",
                    message: json.at("failure.message")?.string ?? ""))
        default:
            outcome = .failed(TaskFailure(group: "SERVICE_RESTARTED", message: "The service was restarted."))
        }
    }
}
