/// The errors of Azure Resource Manager and of the providers behind it.
extension AzureError {
    /// The same error, with the member of the request that is wrong.
    func about(_ target: String) -> AzureError { with("target", target) }

    static func noSuchPath(_ path: String) -> AzureError {
        AzureError(404, "InvalidResourceType", "The resource type could not be found for the path '\(path)'.")
    }

    static func noResource(_ id: ResourceID) -> AzureError {
        AzureError(
            404, "ResourceNotFound",
            "The Resource '\(id.kind.fullType)/\(id.name)' under resource group '\(id.group)' was not found. "
                + "For more details please go to https://aka.ms/ARMResourceNotFoundFix")
    }

    static func noGroup(_ name: String) -> AzureError {
        AzureError(404, "ResourceGroupNotFound", "Resource group '\(name)' could not be found.")
    }

    static func badRequest(_ text: String) -> AzureError { AzureError(400, "BadRequest", text) }

    static func invalidParameter(_ target: String, _ text: String) -> AzureError {
        AzureError(400, "InvalidParameter", text).about(target)
    }

    static func missingParameter(_ name: String) -> AzureError {
        invalidParameter(name, "Required parameter '\(name)' is missing (null).")
    }

    static func notAllowed(_ text: String) -> AzureError { AzureError(409, "OperationNotAllowed", text) }

    static func unchangeable(_ name: String) -> AzureError {
        AzureError(409, "PropertyChangeNotAllowed", "Changing property '\(name)' is not allowed.").about(name)
    }

    /// A resource of the network that another names and that is not there.
    static func invalidReference(_ id: String, by owner: ResourceID) -> AzureError {
        AzureError(
            400, "InvalidResourceReference",
            "Resource \(id) referenced by resource \(owner.text) was not found. Please make sure that the referenced "
                + "resource exists, and that both resources are in the same region.")
    }

    /// As Azure Resource Manager writes it.
    var json: JSON {
        let target = details.first { $0.name == "target" }?.value
        return [
            "error": [
                "code": .text(code), "message": .text(message), "target": target.map { .text($0) } ?? .null,
            ]
        ]
    }

    /// The answer of Azure Resource Manager.
    var managementAnswer: Answer {
        var answer = Answer.json(status, json)
        answer.headers += [("x-ms-failure-cause", "service")] + headers
        return answer
    }
}
