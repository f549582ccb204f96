/// An operation that goes on after its request was answered.
struct LongOperation: Sendable {
    /// What happens at its end.
    enum Effect: Sendable {
        /// The resource is as it was asked for.
        case settle
        /// The resource is gone.
        case remove
        case removeGroup(String)
        case grant(DiskGrants.Entry, diskState: String)
        case revoke(diskState: String)
        case power(String)
    }

    let id: String
    let started: Instant
    var ended: Instant?
    /// How often it was asked for.
    var polls = 0
    /// The key of the resource; empty for that of a group.
    let resource: String
    let effect: Effect
    /// Why it fails; nil when it succeeds.
    let failure: AzureError?
    /// What its result is.
    let result: JSON
    /// The path of its state, without query.
    let statusPath: String
    /// The path of its result.
    let resultPath: String

    /// As a question for its state is answered.
    var json: JSON {
        let status = ended == nil ? "InProgress" : failure == nil ? "Succeeded" : "Failed"
        return [
            "name": .text(id), "status": .text(status), "startTime": .text(started.isoDate),
            "endTime": ended.map { .text($0.isoDate) } ?? .null,
            "error": ended == nil ? .null : failure?.json["error"] ?? .null,
            "properties": ended == nil || failure != nil || result.isNull ? .null : ["output": result],
        ]
    }
}
