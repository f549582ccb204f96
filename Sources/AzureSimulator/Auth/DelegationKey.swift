import Crypto

/// A user delegation key: its value follows from its fields, so that none has to be remembered.
struct DelegationKey: Sendable {
    var object: String
    var tenant: String
    var start: String
    var expiry: String
    var service = "b"
    var version: String

    init(object: String, tenant: String, start: String, expiry: String, version: String) {
        self.object = object
        self.tenant = tenant
        self.start = start
        self.expiry = expiry
        self.version = version
    }

    /// The key that a signature says it was made with.
    init(_ sas: SAS) {
        self.init(
            object: sas["skoid"], tenant: sas["sktid"], start: sas["skt"], expiry: sas["ske"], version: sas["skv"])
        service = sas["sks"]
    }

    func value(_ secret: SymmetricKey) -> [UInt8] {
        let text = [object, tenant, start, expiry, service, version].joined(separator: "\n")
        return Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: secret))
    }

    /// Answers the request for a key.
    ///
    /// - Throws: `AzureError`.
    static func answer(
        _ call: Call, _ grant: Grant, _ body: [UInt8], _ tokens: Tokens, now: Instant
    ) throws(AzureError) -> Answer {
        guard let principal = grant.principal else {
            throw AzureError(
                403, "AuthenticationFailed", "Only a principal of the directory may ask for a user delegation key.")
        }
        let info = try XMLDocument.parse(body)
        let start = info.text(of: "Start") ?? now.isoDate
        guard info.name == "KeyInfo", let expiry = info.text(of: "Expiry"), let end = Instant(isoDate: expiry),
            let begin = Instant(isoDate: start)
        else { throw .invalidXML }
        guard end > now, end > begin, end <= now.adding(7 * 86400 + 60) else {
            throw AzureError(
                400, "InvalidXmlNodeValue", "The value for one of the XML nodes is not in the correct format."
            )
            .with("XmlNodeName", "Expiry").with("XmlNodeValue", expiry)
        }
        let key = DelegationKey(
            object: principal.object, tenant: principal.tenant, start: begin.isoDate, expiry: end.isoDate,
            version: call["x-ms-version"] ?? "")
        var document = XMLText()
        document.element("UserDelegationKey") { body in
            body.element("SignedOid", key.object)
            body.element("SignedTid", key.tenant)
            body.element("SignedStart", key.start)
            body.element("SignedExpiry", key.expiry)
            body.element("SignedService", key.service)
            body.element("SignedVersion", key.version)
            body.element("Value", Base64.encode(key.value(tokens.delegationSecret)))
        }
        return .xml(document)
    }
}
