import Crypto
package import Engine
import FoundationEssentials
import Wire

/// The signature by an account's key: "Authorize with Shared Key" of the Blob service's reference.
package struct SharedKey: Sendable {
    let account: String
    private let key: SymmetricKey

    /// - Throws: `.configuration` when the key is no base64.
    package init(account: String, key: String) throws(EngineError) {
        let text = String(key.filter { !$0.isWhitespace })
        guard let bytes = Data(base64Encoded: text), !bytes.isEmpty else {
            throw EngineError(.configuration, "`key` is no access key of a storage account: those are base64")
        }
        self.account = account
        self.key = SymmetricKey(data: bytes)
    }

    /// What is signed.
    struct Subject {
        var method: String
        /// As it is sent: encoded, and with the account in front where the address has it there.
        var path: String
        /// Not encoded.
        var query: [(name: String, value: String)]
        /// All that count, without `Date`: the time is in `x-ms-date`.
        var headers: [HTTPHeader]
        var length: Int
    }

    /// The value of `Authorization`.
    func authorization(_ subject: Subject) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Array(stringToSign(subject).utf8), using: key)
        return "SharedKey \(account):\(Data(code).base64EncodedString())"
    }

    func stringToSign(_ subject: Subject) -> String {
        func value(_ name: String) -> String {
            subject.headers.first { $0.name.lowercased() == name }?.value ?? ""
        }
        let length = subject.length > 0 ? String(subject.length) : ""
        let lines = [
            subject.method, value("content-encoding"), value("content-language"), length, value("content-md5"),
            value("content-type"), value("date"), value("if-modified-since"), value("if-match"), value("if-none-match"),
            value("if-unmodified-since"), value("range"),
        ]
        return lines.joined(separator: "\n") + "\n" + serviceHeaders(subject) + resource(subject)
    }

    private func serviceHeaders(_ subject: Subject) -> String {
        subject.headers.map { (name: $0.name.lowercased(), value: $0.value) }.filter { $0.name.hasPrefix("x-ms-") }
            .sorted { $0.name < $1.name }
            .map { "\($0.name):\($0.value.split(separator: " ").joined(separator: " "))\n" }.joined()
    }

    private func resource(_ subject: Subject) -> String {
        var text = "/\(account)\(subject.path)"
        let named = Dictionary(grouping: subject.query) { $0.name.lowercased() }
        for (name, items) in named.sorted(by: { $0.key < $1.key }) {
            text += "\n\(name):\(items.map(\.value).sorted().joined(separator: ","))"
        }
        return text
    }
}
