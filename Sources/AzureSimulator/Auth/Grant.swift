/// What a request may do, by its credentials.
struct Grant: Sendable {
    enum Kind: String, Sendable {
        case sharedKey = "SharedKey"
        case accountSAS = "AccountSAS"
        case serviceSAS = "ServiceSAS"
        case delegationSAS = "DelegationSAS"
        case diskSAS = "DiskSAS"
        case bearer = "Bearer"
        case none
    }

    var kind: Kind
    /// False when existing blobs must stay: the credentials allow creating only.
    var overwrites = true
    /// Header fields of answers that a shared access signature replaces.
    var answerFields: [(name: String, value: String)] = []
    /// The caller's ids, for a user delegation key.
    var principal: Tokens.Issued?
}
