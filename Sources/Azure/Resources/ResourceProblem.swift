import Engine
import Wire

/// What Azure Resource Manager says of a failure, in a refusal or at the end of an operation.
struct ResourceProblem: Sendable, Equatable {
    let code: String
    let message: String

    /// - Parameter json: an object with `code` and `message`; the details in it say more than it does.
    init?(_ json: JSONValue?) {
        guard let json, let code = json["code"]?.string else { return nil }
        let inner = json["details"]?.array.compactMap { ResourceProblem($0) } ?? []
        let texts =
            [json["message"]?.string ?? ""] + inner.map { $0.code == code ? $0.message : "\($0.code): \($0.message)" }
        // The outer code of a failed operation is often one of these, and says nothing.
        let empty = ["DeploymentFailed", "ResourceOperationFailure", "OperationFailed", "MultipleErrorsOccurred"]
        self.code = empty.contains(code) ? inner.first?.code ?? code : code
        var seen: Set<String> = []
        message = texts.filter { !$0.isEmpty && seen.insert($0).inserted }.joined(separator: "; ")
    }

    init(_ reply: HTTPReply) {
        let json = try? JSONValue(parsing: reply.body)
        self =
            ResourceProblem(json?["error"]) ?? ResourceProblem(json) ?? ResourceProblem(code: "status \(reply.status)")
    }

    init(code: String, message: String = "") {
        self.code = code
        self.message = message
    }

    /// One line.
    var words: String {
        let text = message.isEmpty ? code : "\(code): \(message)"
        return String(text.prefix(600).map { $0.isNewline ? " " : $0 })
    }

    /// What a caller may do about it, and what the administrator can do.
    var meaning: (kind: EngineError.Kind, advice: String?) {
        switch code {
        case "AuthorizationFailed", "LinkedAuthorizationFailed":
            (.denied, "give the identity a role with this action, and wait some minutes")
        case "InvalidAuthenticationTokenTenant":
            (.denied, "`tenant` is not the directory of the subscription")
        case "SubscriptionNotFound", "InvalidSubscriptionId":
            (.configuration, "is `subscription` right, and has the identity a role in it?")
        case "ResourceGroupNotFound":
            (.configuration, "make the resource group, or set `createsResourceGroup: true`")
        case "SkuNotAvailable", "ZonalAllocationFailed", "AllocationFailed", "OverconstrainedAllocationRequest":
            (.unsupported, "choose another --size, zone or region")
        case "QuotaExceeded",
            "OperationNotAllowed" where message.contains("quota"):
            (.noSpace, "ask for a higher quota in the Azure portal, or choose another --size or region")
        case "MissingSubscriptionRegistration":
            (
                .configuration,
                "register the provider: az provider register --namespace Microsoft.Compute (Network, Storage)"
            )
        case "RequestDisallowedByPolicy": (.denied, "a policy of the subscription forbids it")
        case "ScopeLocked": (.denied, "a lock on the resource group or resource forbids it")
        case "LocationNotAvailableForResourceType", "InvalidResourceLocation", "LocationNotSupportAvailabilityZones",
            "InvalidAvailabilityZone":
            (.configuration, "are `location` and `zone` right?")
        case "ReadOnlyDisabledSubscription", "SubscriptionNotRegistered": (.denied, "the subscription is disabled")
        default: (.failed, nil)
        }
    }
}
