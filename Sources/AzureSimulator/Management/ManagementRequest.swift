/// A request to Azure Resource Manager from whom it says it is.
struct ManagementRequest: Sendable {
    let call: Call
    let path: ManagementPath
    let body: JSON
    let caller: Tokens.Issued
    /// What the operation that it starts is to end with.
    let laterFailure: AzureError?
    /// The most entries that a list may have in this answer.
    let listLimit: Int?
    let now: Instant

    /// - Throws: `LinkedAuthorizationFailed`, when the caller may not use another resource in this way.
    func requireLinked(_ action: String, _ id: ResourceID) throws(AzureError) {
        guard caller.may(action, on: id.text) else {
            throw AzureError(
                403, "LinkedAuthorizationFailed",
                "The client '\(caller.client)' with object id '\(caller.object)' has permission to perform action "
                    + "'\(path.right?.action ?? "")' on scope '\(path.right?.scope ?? "")'; however, it does not have "
                    + "permission to perform action '\(action)' on the linked scope(s) '\(id.text)' or the linked "
                    + "scope(s) are invalid.")
        }
    }
}
