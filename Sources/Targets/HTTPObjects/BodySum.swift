import Crypto
import Engine
import FoundationEssentials
import Wire

/// Checksums of bodies in the forms that headers want.
enum BodySum {
    static let emptySHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    /// Base64.
    static func md5(_ bytes: UnsafeRawBufferPointer) -> String {
        var hash = Insecure.MD5()
        hash.update(bufferPointer: bytes)
        return Data(hash.finalize()).base64EncodedString()
    }

    /// Lower-case hexadecimal digits.
    static func sha256(_ bytes: UnsafeRawBufferPointer) -> String {
        var hash = SHA256()
        hash.update(bufferPointer: bytes)
        return Hex.text(Array(hash.finalize()))
    }

    static func sha256(_ body: CallBody) -> String {
        if let bytes = body.bytes { return sha256(bytes.bytes) }
        return body.small.isEmpty ? emptySHA256 : body.small.withUnsafeBytes { sha256($0) }
    }

    /// The MD5 of an ETag that is one: 32 hexadecimal digits in quotes, as base64.
    static func md5(ofETag tag: String?) -> String? {
        guard let tag, let bytes = Hex.bytes(tag.filter { $0 != "\"" }.lowercased()), bytes.count == 16 else {
            return nil
        }
        return Data(bytes).base64EncodedString()
    }
}
