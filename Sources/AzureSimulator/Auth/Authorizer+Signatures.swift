/// Shared access signatures.
extension Authorizer {
    func signature(
        _ call: Call, _ operation: Operation, _ account: AzureSettings.Account, _ now: Instant
    ) throws(AzureError) -> Grant {
        let sas = SAS(call)
        guard sas["sv"] >= "2018-11-09" else {
            throw .authentication("The signed version \(sas["sv"]) is older than this service knows.")
        }
        let kind = try verify(sas, call, account)
        try checkTimes(sas, now)
        if !sas["spr"].isEmpty, !call.isTLS, !sas["spr"].split(separator: ",").contains("http") {
            throw AzureError(
                403, "AuthorizationProtocolMismatch",
                "This request is not authorized to perform this operation using this protocol.")
        }
        if !sas["sip"].isEmpty, !Self.contains(sas["sip"], call.peer) {
            throw AzureError(
                403, "AuthorizationSourceIPMismatch",
                "This request is not authorized to perform this operation using this source IP \(call.peer).")
        }
        try checkReach(sas, operation)
        let letters = sas["sp"].filter { operation.permissions.contains($0) }
        guard !letters.isEmpty else { throw .permissionMismatch }
        let overwrites = operation.permissions != "cw" || letters.contains("w")
        return Grant(kind: kind, overwrites: overwrites, answerFields: sas.replacedFields)
    }

    private func verify(
        _ sas: SAS, _ call: Call, _ account: AzureSettings.Account
    ) throws(AzureError) -> Grant.Kind {
        let kind: Grant.Kind
        let text: String
        var signatures: [String]
        if sas.isAccount {
            kind = .accountSAS
            text = sas.accountText(account: account.name)
            signatures = account.keys.compactMap { SharedKey.sign(text, key: $0) }
        } else {
            var resource = "/blob/\(account.name)/\(call.container ?? "")"
            if sas["sr"] == "b" { resource += "/\(call.blob?.text ?? "")" }
            kind = sas.isDelegation ? .delegationSAS : .serviceSAS
            text = sas.isDelegation ? sas.delegationText(resource: resource) : sas.serviceText(resource: resource)
            signatures = account.keys.compactMap { SharedKey.sign(text, key: $0) }
            if sas.isDelegation {
                let key = DelegationKey(sas)
                signatures = [SharedKey.sign(text, key: key.value(tokens.delegationSecret))]
            }
        }
        guard signatures.contains(sas["sig"]) else {
            throw .authentication("Signature did not match. String to sign used was \(text)")
        }
        return kind
    }

    private func checkTimes(_ sas: SAS, _ now: Instant) throws(AzureError) {
        guard let end = Instant(isoDate: sas["se"]) else {
            throw .authentication("The field se is mandatory: there are no stored access policies.")
        }
        let start = sas["st"].isEmpty ? Instant(seconds: 0) : Instant(isoDate: sas["st"])
        guard let start else { throw .authentication("The field st is no date.") }
        guard start <= now.adding(Self.skew), now < end else {
            throw .authentication(
                "Signature not valid in the specified time frame: Start [\(start.httpDate)] - Expiry [\(end.httpDate)] - "
                    + "Current [\(now.httpDate)]")
        }
        guard sas.isDelegation else { return }
        guard let from = Instant(isoDate: sas["skt"]), let to = Instant(isoDate: sas["ske"]),
            from <= now.adding(Self.skew), now < to
        else { throw .authentication("The user delegation key is not valid at this time.") }
    }

    /// Whether the signature is for this kind of resource.
    private func checkReach(_ sas: SAS, _ operation: Operation) throws(AzureError) {
        if sas.isAccount {
            guard sas["ss"].contains("b") else {
                throw AzureError(
                    403, "AuthorizationServiceMismatch",
                    "This request is not authorized to perform this operation using this service.")
            }
            guard sas["srt"].contains(where: { operation.resourceType.contains($0) }) else {
                throw Self.resourceMismatch
            }
            return
        }
        guard ["b", "c"].contains(sas["sr"]) else { throw .authentication("The field sr must be b or c.") }
        let isOfObject = operation.resourceType.contains("o")
        guard isOfObject || (sas["sr"] == "c" && operation == .listBlobs) else { throw Self.resourceMismatch }
    }

    private static let resourceMismatch = AzureError(
        403, "AuthorizationResourceTypeMismatch",
        "This request is not authorized to perform this operation using this resource type.")

    private static func contains(_ range: String, _ address: String) -> Bool {
        let ends = range.split(separator: "-").map { number(String($0)) }
        guard let own = number(address), let low = ends.first ?? nil, let high = ends.last ?? nil else { return false }
        return low <= own && own <= high
    }

    private static func number(_ address: String) -> UInt32? {
        let pieces = address.split(separator: ".").compactMap { UInt8($0) }
        return pieces.count == 4 ? pieces.reduce(0) { $0 << 8 | UInt32($1) } : nil
    }
}
