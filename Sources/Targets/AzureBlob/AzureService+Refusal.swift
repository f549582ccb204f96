package import Engine
package import Wire

extension AzureService {
    private static let role = "Storage Blob Data Contributor"

    package func refusal(of call: ObjectCall, _ reply: HTTPReply, at now: Timestamp) -> EngineError {
        let problem = AzureProblem(reply)
        let (kind, advice) = meaning(of: problem, call, reply, at: now)
        let words = problem.words(client: reply.value(of: "x-ms-client-request-id"))
        return EngineError(
            kind, "cannot \(call.what): \(words)" + (advice.map { "; \($0)" } ?? ""), isRetryable: isTransient(reply))
    }

    private func meaning(
        of problem: AzureProblem, _ call: ObjectCall, _ reply: HTTPReply, at now: Timestamp
    ) -> (EngineError.Kind, String?) {
        switch problem.code {
        case "ContainerNotFound":
            let where_ = "there is no container `\(container)` in the account `\(account)`"
            return (.configuration, where_ + ": make it, or set `createContainer: true`")
        case "ContainerBeingDeleted": return (.failed, "the container `\(container)` is being deleted")
        case "ContainerDisabled": return (.denied, "an administrator disabled the container `\(container)`")
        case "AccountIsDisabled", "AccountBeingCreated":
            return (.denied, "look at the storage account `\(account)` in the Azure portal")
        case "BlobNotFound", "ResourceNotFound": return (.notFound, nil)
        case "InvalidRange": return (.corrupt, "the blob is shorter than the range")
        case "BlobImmutableDueToPolicy", "BlobImmutableDueToLegalHold":
            return (.denied, "a policy keeps the blob: it can be deleted when that ends")
        case "LeaseIdMissing": return (.denied, "somebody holds a lease on the blob: break it, and run again")
        case "ServerBusy", "TooManyRequests": return (.rateLimited, nil)
        case "AccountLimitExceeded", "InsufficientStorage": return (.noSpace, "raise the account's limit")
        case "InvalidResourceName", "OutOfRangeInput", "InvalidUri": return (.configuration, nil)
        default: return meaning(ofStatus: problem, call, reply, at: now)
        }
    }

    private func meaning(
        ofStatus problem: AzureProblem, _ call: ObjectCall, _ reply: HTTPReply, at now: Timestamp
    ) -> (EngineError.Kind, String?) {
        switch problem.status {
        case 401, 403: (.denied, denialAdvice(problem, reply, at: now))
        case 404: (.notFound, nil)
        case 416: (.corrupt, "the blob is shorter than the range")
        case 429, 503: (.rateLimited, nil)
        case 501: (.unsupported, nil)
        case 507: (.noSpace, nil)
        default: (.failed, nil)
        }
    }

    private func denialAdvice(_ problem: AzureProblem, _ reply: HTTPReply, at now: Timestamp) -> String? {
        if let complaint = ServerClock.complaint(reply, at: now) { return complaint }
        switch credentials {
        case .signature(let signature):
            let theirs = reply.value(of: "Date").flatMap(HTTPDate.read) ?? now
            if let expiry = signature.expiry, expiry <= theirs {
                return "the shared access signature ended at \(HTTPDate.text(expiry)): make a new one"
            }
            if problem.code == "AuthenticationFailed" {
                return "the shared access signature is wrong, has ended, or was revoked: make a new one"
            }
            return "does the shared access signature permit this (it says `sp=\(signature.permissions ?? "")`; "
                + "`racwdl` is needed on the container), and is this address allowed?"
        case .key:
            if problem.code == "AuthenticationFailed" {
                return "the key is not one of the account `\(account)`, or was renewed"
            }
            return "does the account `\(account)` permit access by key, from this network?"
        case .token:
            if problem.code == "AuthorizationPermissionMismatch" {
                return "the identity lacks a role: give it `\(Self.role)` on the container `\(container)`, and wait "
                    + "some minutes"
            }
            return "has the identity the role `\(Self.role)` on the container `\(container)`, and does the account's "
                + "network let this machine in?"
        }
    }
}
