import Engine
import Wire

/// What a refusal says of itself.
struct S3Problem: Sendable {
    let status: Int
    /// nil when the reply tells none, as replies to HEAD do.
    let code: String?
    let message: String?
    /// The region that the store would rather have been asked in.
    let region: String?
    let requestID: String?

    init(_ reply: HTTPReply) {
        status = reply.status
        let root = reply.body.isEmpty ? nil : try? XMLReader.read(reply.body)
        let error = root.flatMap { $0.name == "Error" ? $0 : $0.first("Error") }
        code = error?.text(of: "Code")
        message = error?.text(of: "Message")
        region = error?.text(of: "Region") ?? reply.value(of: "x-amz-bucket-region")
        requestID = reply.value(of: "x-amz-request-id") ?? error?.text(of: "RequestId")
    }

    /// Failures that pass, whatever the status: some arrive in the body of a success.
    var isTransient: Bool {
        switch code {
        case "InternalError", "SlowDown", "ServiceUnavailable", "RequestTimeout", "OperationAborted",
            "ConditionalRequestConflict", "BadDigest", "XAmzContentSHA256Mismatch", "IncompleteBody":
            true
        default: false
        }
    }

    var isOutOfSpace: Bool {
        status == 507 || code.map { $0.contains("Quota") || $0.contains("StorageFull") } == true
    }

    /// The store's own words, cut to one line, with what its operator needs to find the request.
    var words: String {
        let text = [code ?? "status \(status)", message].compactMap(\.self).joined(separator: ": ")
        let line = String(text.prefix(300).map { $0.isNewline ? " " : $0 })
        return line + (requestID.map { " (request \($0.prefix(80)))" } ?? "")
    }
}
