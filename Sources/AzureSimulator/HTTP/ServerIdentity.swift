import Crypto
import SwiftASN1
import X509

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The self-signed certificate of the TLS listener, made anew at each start.
struct ServerIdentity: Sendable {
    let certificatePEM: String
    let keyPEM: String

    /// - Throws: when it cannot be made.
    static func make(address: String) throws -> ServerIdentity {
        let key = P256.Signing.PrivateKey()
        let subject = try DistinguishedName {
            OrganizationName("Azure Simulator")
            CommonName(address)
        }
        let octets = address.split(separator: ".").compactMap { UInt8($0) }
        let now = Date()
        let certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: .init(key.publicKey),
            notValidBefore: now.addingTimeInterval(-86400), notValidAfter: now.addingTimeInterval(365 * 86400),
            issuer: subject, subject: subject, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                SubjectAlternativeNames([
                    .ipAddress(ASN1OctetString(contentBytes: octets[...])), .dnsName("localhost"),
                ])
            }, issuerPrivateKey: .init(key))
        return ServerIdentity(
            certificatePEM: try certificate.serializeAsPEM().pemString + "\n", keyPEM: key.pemRepresentation + "\n")
    }
}
