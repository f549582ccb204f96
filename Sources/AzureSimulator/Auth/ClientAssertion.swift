import Crypto
import CryptoExtras
import SwiftASN1
import X509

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The signed statement with which an application signs in that has a certificate in place of a secret (RFC 7523).
struct ClientAssertion: Sendable {
    /// Why it is refused, as the directory numbers its reasons.
    struct Refusal: Error {
        var code: Int
        var text: String
    }

    private let head: JSON
    private let claims: JSON
    private let signed: [UInt8]
    private let signature: [UInt8]

    /// - Parameter text: three pieces of base64, joined by dots.
    /// - Throws: `Refusal`, when it is no token.
    init(_ text: String) throws(Refusal) {
        let malformed = Refusal(code: 50_027, text: "JWT token is invalid or malformed.")
        let pieces = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard pieces.count == 3, let head = Self.bytes(pieces[0]), let claims = Self.bytes(pieces[1]),
            let signature = Self.bytes(pieces[2]), let headJSON = try? JSON.parse(head),
            let claimsJSON = try? JSON.parse(claims)
        else { throw malformed }
        (self.head, self.claims, self.signature) = (headJSON, claimsJSON, signature)
        signed = Array("\(pieces[0]).\(pieces[1])".utf8)
    }

    private static func bytes(_ text: String) -> [UInt8]? {
        let plain = text.replacing("-", with: "+").replacing("_", with: "/")
        return Base64.decode(plain + String(repeating: "=", count: (4 - plain.count % 4) % 4))
    }

    /// - Parameters:
    ///   - client: the application that signs in.
    ///   - pem: its certificate.
    ///   - audiences: the URLs of the endpoint.
    /// - Throws: `Refusal`.
    func check(client: String, pem: String, audiences: [String], now: Instant) throws(Refusal) {
        guard let certificate = try? Certificate(pemEncoded: pem), let whole = Self.der(pem) else {
            throw Refusal(code: 7_000_229, text: "The client application has no certificate that can be read.")
        }
        try checkSignature(certificate, whole)
        guard claims["iss"].text == client, claims["sub"].text == client else {
            throw Refusal(
                code: 700_021, text: "Client assertion application identifier doesn't match 'client_id' parameter.")
        }
        guard audiences.contains(claims["aud"].text ?? "") else {
            throw Refusal(code: 700_023, text: "Client assertion audience claim does not match Realm issuer.")
        }
        let begin = claims["nbf"].real ?? claims["iat"].real ?? 0
        guard let end = claims["exp"].real, now.seconds < end + 300, begin < now.seconds + 300 else {
            throw Refusal(
                code: 700_024,
                text: "Client assertion is not within its valid time range. Current time: \(now.isoDate).")
        }
        guard claims["jti"].text?.isEmpty == false else {
            throw Refusal(code: 50_027, text: "JWT token is invalid or malformed: it has no jti.")
        }
    }

    private func checkSignature(_ certificate: Certificate, _ whole: [UInt8]) throws(Refusal) {
        let thumbprints = [
            ("x5t", Base64.encodeURL(Insecure.SHA1.hash(data: whole))),
            ("x5t#S256", Base64.encodeURL(SHA256.hash(data: whole))),
        ]
        let shown = thumbprints.filter { !head[$0.0].isNull }
        // MSAL for Python pads it, against the standard.
        guard !shown.isEmpty, shown.allSatisfy({ head[$0.0].text?.replacing("=", with: "") == $0.1 }) else {
            throw Refusal(
                code: 700_027,
                text:
                    "The certificate with identifier used to sign the client assertion is not registered on application."
            )
        }
        let paddings: [String: _RSA.Signing.Padding] = ["RS256": .insecurePKCS1v1_5, "PS256": .PSS]
        guard let padding = paddings[head["alg"].text ?? ""] else {
            throw Refusal(
                code: 5_002_738, text: "Invalid JWT token. The algorithm must be one of: PS256, RS256.")
        }
        let key = try? _RSA.Signing.PublicKey(derRepresentation: certificate.publicKey.subjectPublicKeyInfoBytes)
        let isValid = key?.isValidSignature(
            _RSA.Signing.RSASignature(rawRepresentation: Data(signature)), for: SHA256.hash(data: signed),
            padding: padding)
        guard isValid == true else {
            throw Refusal(code: 700_027, text: "Client assertion failed signature validation.")
        }
    }

    /// The bytes of a certificate.
    private static func der(_ pem: String) -> [UInt8]? {
        guard let begin = pem.firstRange(of: "-----BEGIN CERTIFICATE-----"),
            let end = pem[begin.upperBound...].firstRange(of: "-----END CERTIFICATE-----")
        else { return nil }
        return Base64.decode(pem[begin.upperBound..<end.lowerBound].filter { !$0.isWhitespace })
    }
}
