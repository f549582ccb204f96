import Crypto
import Synchronization

/// The tokens of the directory: issued here, and known again when they come back.
final class Tokens: Sendable {
    /// A token that was issued.
    struct Issued: Sendable {
        var client: String
        /// The object id of the principal.
        var object: String
        var tenant: String
        var audience: String
        var role: AzureSettings.Role
        /// What it may do with the resources of the subscription, and where; an empty scope is everywhere.
        var actions: [String]
        var scope: String
        var expires: Instant
    }

    /// The audience of all storage accounts.
    static let storage = "https://storage.azure.com"

    let settings: AzureSettings
    let delegationSecret = SymmetricKey(size: .bits256)
    private let signing = SymmetricKey(size: .bits256)
    private let issued = Mutex<[String: Issued]>([:])

    init(settings: AzureSettings) { self.settings = settings }

    func find(_ token: String) -> Issued? { issued.withLock { $0[token] } }

    func expireAll() {
        issued.withLock { issued in
            for token in issued.keys { issued[token]?.expires = Instant(seconds: 0) }
        }
    }

    /// Makes a token, in the form of those that Entra ID makes.
    ///
    /// - Parameter tenant: the directory that issues it.
    func issue(_ principal: AzureSettings.Principal, audience: String, tenant: String, now: Instant) -> String {
        let object = Self.object(of: principal.clientID)
        let number = issued.withLock { $0.count }
        let payload = JSONText.object([
            ("aud", .text(audience)), ("iss", .text("https://sts.windows.net/\(tenant)/")),
            ("iat", .number(Int(now.seconds))), ("nbf", .number(Int(now.seconds))),
            ("exp", .number(Int(now.seconds) + settings.tokenSeconds)), ("appid", .text(principal.clientID)),
            ("oid", .text(object)), ("tid", .text(tenant)), ("ver", .text("1.0")), ("uti", .text("\(number)")),
        ])
        let head = JSONText.object([("typ", .text("JWT")), ("alg", .text("HS256"))])
        let text = Base64.encodeURL(Array(head.utf8)) + "." + Base64.encodeURL(Array(payload.utf8))
        let token =
            text + "." + Base64.encodeURL(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: signing))
        let record = Issued(
            client: principal.clientID, object: object, tenant: tenant, audience: audience,
            role: principal.role, actions: principal.actions, scope: principal.scope ?? "",
            expires: now.adding(Double(settings.tokenSeconds)))
        issued.withLock { $0[token] = record }
        return token
    }

    /// The `WWW-Authenticate` field that tells where tokens come from.
    func challenge(origin: String) -> String {
        "Bearer authorization_uri=\(origin)/\(settings.tenant)/oauth2/authorize resource_id=\(Self.storage)"
    }

    /// A principal has two ids; this one follows from the other.
    static func object(of client: String) -> String {
        let digest = Array(SHA256.hash(data: Array(client.utf8)))
        let hex = digest.prefix(16).map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
        let pieces = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)].map { from, to in
            String(hex.dropFirst(from).prefix(to - from))
        }
        return pieces.joined(separator: "-")
    }
}
