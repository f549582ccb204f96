/// Session cookies of a Prism Central.
struct SessionTable: Sendable {
    /// The names of the cookies one sign-in sets.
    static let names = ["NTNX_IAM_SESSION", "NTNX_MERCURY_IAM_SESSION", "NTNX_MERCURY_IAM_REFRESH_TOKEN"]

    private var sessions: [String: (user: String, until: Timestamp)] = [:]
    /// Tokens made before this moment are refused.
    private(set) var notBefore = Timestamp(microseconds: 0)

    /// Begins a session.
    ///
    /// - Returns: the `Set-Cookie` fields.
    mutating func begin(_ user: String, seconds: Double, now: Timestamp) -> [String] {
        let token = Identity.token()
        sessions = sessions.filter { $0.value.until > now }
        sessions[token] = (user, now.adding(seconds: seconds))
        return Self.names.map { "\($0)=\(token); Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=\(Int(seconds))" }
    }

    /// The user whose session the request carries; nil when it carries none that lives.
    func user(of request: WebRequest, now: Timestamp) -> String? {
        guard let token = request.cookie(Self.names[0]), let session = sessions[token], session.until > now else {
            return nil
        }
        return session.user
    }

    mutating func expireAll(now: Timestamp) {
        sessions = [:]
        notBefore = now
    }
}
