import Crypto
import CryptoExtras
import Engine
import FoundationEssentials
import Glibc

/// A certificate and its private key: what an application shows instead of a secret.
struct ClientCertificate: Sendable {
    /// SHA-1 and SHA-256 of the certificate's DER form.
    let thumbprints: (sha1: [UInt8], sha256: [UInt8])
    private let key: _RSA.Signing.PrivateKey

    private static let limit = 256 << 10

    /// Reads a PEM file with both, in any order; of several certificates the first is the application's.
    /// - Throws: `.configuration` when it can be read by others, or holds anything else.
    init(file path: String) throws(EngineError) {
        let text = try Self.text(of: path)
        func wrong(_ what: String) -> EngineError { EngineError(.configuration, "the file \(path) \(what)") }
        guard let certificate = PEMBlock.all(in: text).first(where: { $0.label == "CERTIFICATE" }) else {
            throw wrong("holds no certificate: put the application's, in PEM, beside its key")
        }
        guard let secret = PEMBlock.all(in: text).first(where: { $0.label.hasSuffix("PRIVATE KEY") }) else {
            throw wrong("holds no private key: put it, in PEM, beside the certificate")
        }
        guard secret.label != "ENCRYPTED PRIVATE KEY", !secret.text.contains("ENCRYPTED") else {
            throw wrong(
                "holds an encrypted key: decrypt it into a file that only this user can read, with `openssl pkey -in …`"
            )
        }
        guard let bytes = Data(base64Encoded: certificate.body), !bytes.isEmpty else {
            throw wrong("holds a certificate that is no base64")
        }
        do {
            key = try _RSA.Signing.PrivateKey(pemRepresentation: secret.text)
        } catch {
            throw wrong("holds a key that is no RSA key of 2048 bits and more: Entra ID takes no other")
        }
        thumbprints = (Array(Insecure.SHA1.hash(data: bytes)), Array(SHA256.hash(data: bytes)))
    }

    /// RS256 of RFC 7518: RSASSA-PKCS1-v1_5 over SHA-256.
    func signature(of bytes: [UInt8]) throws(EngineError) -> [UInt8] {
        do {
            let signature = try key.signature(for: SHA256.hash(data: bytes), padding: .insecurePKCS1v1_5)
            return Array(signature.rawRepresentation)
        } catch {
            throw EngineError(.failed, "the certificate's key cannot sign")
        }
    }

    private static func text(of path: String) throws(EngineError) -> String {
        let file = try OpenFile(path, O_RDONLY)
        let status = try file.status()
        guard status.st_mode & S_IFMT == S_IFREG else { throw EngineError(.configuration, "\(path) is no file") }
        guard status.st_mode & 0o077 == 0 else {
            throw EngineError(.configuration, "the file \(path) can be read by other users: run `chmod 600` on it")
        }
        guard status.st_size <= limit else { throw EngineError(.configuration, "the file \(path) is too large") }
        let buffer = Buffer(capacity: limit)
        try buffer.append(upTo: limit) { space throws(EngineError) in try file.read(into: space, at: 0) }
        return String(decoding: buffer.array, as: UTF8.self)
    }
}

/// A block of a PEM file (RFC 7468).
struct PEMBlock: Sendable {
    let label: String
    /// Base64 without white space, and what headers there are.
    let body: String
    /// The whole block.
    let text: String

    static func all(in text: String) -> [PEMBlock] {
        var blocks: [PEMBlock] = []
        var lines: [Substring] = []
        var label: String?
        for line in text.split(whereSeparator: \.isNewline).map({ $0.drop { $0 == " " } }) {
            if line.hasPrefix("-----BEGIN "), let end = line.dropFirst(11).firstRange(of: "-----") {
                label = String(line[line.index(line.startIndex, offsetBy: 11)..<end.lowerBound])
                lines = [line]
            } else if let open = label {
                lines.append(line)
                guard line.hasPrefix("-----END ") else { continue }
                let body = lines.dropFirst().dropLast().joined().filter { !$0.isWhitespace }
                blocks.append(PEMBlock(label: open, body: body, text: lines.joined(separator: "\n") + "\n"))
                label = nil
            }
        }
        return blocks
    }
}
