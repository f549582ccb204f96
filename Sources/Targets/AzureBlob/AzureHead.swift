import Engine
import Wire

/// What Get Blob Properties tells.
struct AzureHead: Sendable {
    /// Names of metadata must be those of C# identifiers.
    static let markHeader = "x-ms-meta-ahvaultwrite"

    /// Bytes.
    let size: Int
    /// Base64, as it was given when the blob was put.
    let md5: String?
    /// The mark of the put that made it.
    let mark: WriteMark?

    init(_ reply: HTTPReply, of name: String) throws(EngineError) {
        guard let size = reply.value(of: "Content-Length").flatMap({ Int($0) }), size >= 0 else {
            throw EngineError(.failed, "the service does not tell the size of \(name)")
        }
        self.size = size
        md5 = reply.value(of: "Content-MD5")
        mark = reply.value(of: Self.markHeader).map { WriteMark(text: $0) }
    }
}
