import CryptoExtras
import Engine
import Foundation
import SwiftASN1
import X509

/// A certificate for signing in, self-signed, with its key.
struct TestCertificate: Sendable {
    let certificate: String
    let key: String

    static func make() throws -> TestCertificate {
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let subject = try DistinguishedName { CommonName("app") }
        let certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: .init(key.publicKey),
            notValidBefore: Date().addingTimeInterval(-86400), notValidAfter: Date().addingTimeInterval(86400),
            issuer: subject, subject: subject, signatureAlgorithm: .sha256WithRSAEncryption,
            extensions: Certificate.Extensions(), issuerPrivateKey: .init(key))
        return TestCertificate(
            certificate: try certificate.serializeAsPEM().pemString + "\n", key: key.pemRepresentation + "\n")
    }

    /// Writes both into a file.
    func write(to path: String, mode: mode_t = 0o600) throws {
        try Data((certificate + key).utf8).write(to: URL(filePath: path))
        chmod(path, mode)
    }
}
