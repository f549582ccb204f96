import Engine
import FoundationEssentials

/// The signed statement with which an application signs in that has a certificate (RFC 7523; JWT by RFC 7519).
struct CertificateAssertion: Sendable {
    let certificate: ClientCertificate
    let client: String

    /// Seconds.
    private static let life: Int64 = 600
    /// Seconds that clocks may differ.
    private static let slack: Int64 = 60

    /// - Parameter endpoint: the address that gives tokens, which the statement is for.
    func text(for endpoint: String, at now: Timestamp) throws(EngineError) -> String {
        let seconds = now.milliseconds / 1000
        let head: JSONValue = [
            "alg": "RS256", "typ": "JWT", "x5t": .string(Self.base64(certificate.thumbprints.sha1)),
            "x5t#S256": .string(Self.base64(certificate.thumbprints.sha256)),
        ]
        let claims: JSONValue = [
            "aud": .string(endpoint), "iss": .string(client), "sub": .string(client),
            "jti": .string(ImageID.random().description), "iat": .integer(seconds),
            "nbf": .integer(seconds - Self.slack), "exp": .integer(seconds + Self.life),
        ]
        let signed = Self.base64(head.text) + "." + Self.base64(claims.text)
        return signed + "." + Self.base64(try certificate.signature(of: Array(signed.utf8)))
    }

    /// Base64 for addresses, without padding (RFC 4648, section 5).
    static func base64(_ bytes: [UInt8]) -> String {
        String(
            Data(bytes).base64EncodedString().compactMap { character in
                switch character {
                case "+": "-"
                case "/": "_"
                case "=": nil
                default: character
                }
            })
    }
}
