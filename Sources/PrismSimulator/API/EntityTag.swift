import Crypto

/// The ETag of one revision of one entity, in the form Prism gives it.
enum EntityTag {
    private static let prefix = "YXBwbGljYXRpb24vanNvbg==:"

    static func of(_ id: String, revision: Int) -> String {
        prefix + SHA256.hash(data: Array("\(id)/\(revision)".utf8)).hex
    }

    static func isWellFormed(_ text: String) -> Bool {
        text.hasPrefix(prefix) && text.count == prefix.count + 64
            && text.dropFirst(prefix.count).allSatisfy(\.isHexDigit)
    }
}
