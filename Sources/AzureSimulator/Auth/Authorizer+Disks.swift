/// The shared access signatures of managed disks, which are no signatures of anything: they are known here, or not.
extension Authorizer {
    private static let uploads: Set<Operation> = [.getBlobProperties, .getPageRanges, .putPage, .clearPage]
    private static let reads: Set<Operation> = [.getBlobProperties, .getPageRanges, .getBlob]

    /// Whether an account is that of a managed disk.
    static func isDisk(_ account: String) -> Bool { account.hasPrefix("md-") }

    func disk(_ call: Call, _ operation: Operation, now: Instant) throws(AzureError) -> Grant {
        guard let entry = grants.find(call.account), call.parameter("si") == entry.id,
            call.parameter("sig") == entry.signature, call.container == entry.container, call.blob == Store.diskBlob
        else { throw .authentication("Signature did not match: access to the disk was not granted, or was revoked.") }
        guard now < entry.expires else {
            throw .authentication(
                "Signature not valid in the specified time frame: Expiry [\(entry.expires.httpDate)] - Current "
                    + "[\(now.httpDate)]")
        }
        if entry.needsToken { try checkToken(call, entry, now) }
        guard (entry.isWrite ? Self.uploads : Self.reads).contains(operation) else { throw .permissionMismatch }
        return Grant(kind: .diskSAS)
    }

    /// A disk whose access mode asks for it needs a token of its own audience, whose slash belongs to it.
    private func checkToken(_ call: Call, _ entry: DiskGrants.Entry, _ now: Instant) throws(AzureError) {
        let refusal = AzureError(
            401, "InvalidAuthenticationInfo",
            "Server failed to authenticate the request. Please refer to the information in the www-authenticate header."
        ).sending("WWW-Authenticate", tokens.challenge(origin: call.origin))
        guard let field = call["authorization"], field.hasPrefix("Bearer "),
            let issued = tokens.find(String(field.dropFirst("Bearer ".count))), issued.expires > now,
            issued.audience == "https://disk.azure.com/"
        else { throw refusal }
        let action = entry.isWrite ? "upload" : "download"
        guard issued.may("Microsoft.Compute/disks/\(action)/action", on: issued.scope) else {
            throw .permissionMismatch
        }
    }
}
