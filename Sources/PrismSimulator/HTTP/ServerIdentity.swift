import Crypto
import Glibc
import NIOCore
import SwiftASN1
import X509

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The self-signed certificate of one listener, kept in the state folder so that its pin stays.
struct ServerIdentity: Sendable {
    let certificatePath: String
    let keyPath: String
    let certificatePEM: String
    let keyPEM: String
    /// SHA-256 of the certificate's DER, in hexadecimal.
    let fingerprint: String

    /// Reads the identity of that name, or makes it.
    ///
    /// - Parameters:
    ///   - folder: an existing folder.
    ///   - name: the file name, without extension.
    ///   - addresses: IPv4 addresses the certificate is for; a certificate for others is made anew.
    /// - Throws: when files cannot be read or written.
    static func prepare(folder: String, name: String, addresses: [String]) throws -> ServerIdentity {
        let base = "\(folder)/\(name)-\(addresses.joined(separator: "+"))"
        let certificatePath = base + ".pem"
        let keyPath = base + ".key"
        if access(certificatePath, R_OK) != 0 || access(keyPath, R_OK) != 0 {
            let key = P256.Signing.PrivateKey()
            let certificate = try make(key: key, name: name, addresses: addresses)
            try StateFile(path: keyPath).save(Array((key.pemRepresentation + "\n").utf8))
            try StateFile(path: certificatePath).save(Array((try certificate.serializeAsPEM().pemString + "\n").utf8))
        }
        let pem = try text(certificatePath)
        let der = try PEMDocument(pemString: pem).derBytes
        return ServerIdentity(
            certificatePath: certificatePath, keyPath: keyPath, certificatePEM: pem, keyPEM: try text(keyPath),
            fingerprint: SHA256.hash(data: der).hex)
    }

    private static func text(_ path: String) throws -> String {
        let file = try DiskFile(path, flags: O_RDONLY)
        var bytes = [UInt8](repeating: 0, count: try file.size)
        try bytes.withUnsafeMutableBytes { (buffer) throws in try file.read(into: buffer, at: 0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func make(key: P256.Signing.PrivateKey, name: String, addresses: [String]) throws -> Certificate {
        let subject = try DistinguishedName {
            OrganizationName("Prism Simulator")
            CommonName(name)
        }
        let names = addresses.compactMap { address -> GeneralName? in
            let bytes = address.split(separator: ".").compactMap { UInt8($0) }
            return bytes.count == 4 ? .ipAddress(ASN1OctetString(contentBytes: bytes[...])) : nil
        }
        let now = Date()
        return try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: .init(key.publicKey),
            notValidBefore: now.addingTimeInterval(-86400), notValidAfter: now.addingTimeInterval(3650 * 86400),
            issuer: subject, subject: subject, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                SubjectAlternativeNames(names)
            }, issuerPrivateKey: .init(key))
    }
}
