import Engine

/// Makes resources of a run, each noted in the journal before its request is sent.
struct ResourceMaking: Sendable {
    let client: ResourceClient
    let file: JournalFile
    /// The value of the tag `ahvault-run`.
    let run: String
    let progress: AzureProgressSink

    /// Makes a resource. What this run made before and is whole stays as it is; what is not whole is made again, by the same
    /// request.
    /// - Returns: the resource.
    /// - Throws: `.alreadyExists` when there is one that this run has not made.
    @discardableResult
    func make(_ id: ResourceID, _ body: JSONValue) async throws(EngineError) -> JSONValue {
        if let found = try await client.find(id) {
            try checkOurs(id, found)
            switch found["properties"]?["provisioningState"]?.string {
            case "Succeeded":
                try file.made(id)
                return found
            case "Failed", "Canceled": try await client.delete(id)
            default: break
            }
        }
        try file.making(id)
        progress(.step("create \(id)"))
        let made = try await client.put(id, body)
        try file.made(id)
        return made
    }

    /// - Throws: `.alreadyExists`.
    func checkOurs(_ id: ResourceID, _ found: JSONValue) throws(EngineError) {
        let isTagged = id.kind == .subnet || found["tags"]?[RunTag.name]?.string == run
        guard file.isNoted(id), isTagged else {
            throw EngineError(
                .alreadyExists,
                "there is a \(id.kind.title) \(id.name) by now that this export has not made: \(id.text)")
        }
    }

    func makeGroup(_ plan: AzurePlan, _ documents: ResourceDocuments) async throws(EngineError) {
        guard let entry = plan.entries.first(where: { $0.kind == .resourceGroup }), entry.action != .use else {
            return
        }
        try await make(client.group, documents.resourceGroup)
    }
}
