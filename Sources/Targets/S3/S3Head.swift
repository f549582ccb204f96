import Engine
import Wire

/// What HEAD tells of an object.
struct S3Head: Sendable {
    static let markHeader = "x-amz-meta-ahvault-write"

    /// Bytes.
    let size: Int
    let tag: String?
    /// The mark of the put that made it; nil where the server keeps none.
    let mark: WriteMark?

    init(_ reply: HTTPReply, of name: String) throws(EngineError) {
        guard let size = reply.value(of: "Content-Length").flatMap({ Int($0) }), size >= 0 else {
            throw EngineError(.failed, "the server does not tell the size of \(name)")
        }
        self.size = size
        tag = reply.value(of: "ETag")
        mark = reply.value(of: Self.markHeader).map { WriteMark(text: $0) }
    }
}
