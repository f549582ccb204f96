import Engine
import Wire

/// One object on its way into a bucket, in one request or in parts: what is said of it, and how it is told from
/// another's of its name. It replaces none.
struct S3Write: Sendable {
    let target: S3Target
    let transport: ObjectTransport<S3Service>
    let key: ObjectKey
    /// Whether the server honours `If-None-Match`.
    let isConditional: Bool
    private let mark = WriteMark.make()

    init(target: S3Target, transport: ObjectTransport<S3Service>, key: ObjectKey, isConditional: Bool) {
        self.target = target
        self.transport = transport
        self.key = key
        self.isConditional = isConditional
    }

    var what: String { "put \(key) into \(target.place)" }

    var object: String { target.prefix.name(of: key) }

    var taken: EngineError { EngineError(.alreadyExists, "\(key) is in \(target.place) already") }

    var condition: [HTTPHeader] { isConditional ? [HTTPHeader("If-None-Match", "*")] : [] }

    /// The headers that say what the object is and how it is kept.
    var objectHeaders: [HTTPHeader] {
        var headers = [
            HTTPHeader("Content-Type", "application/octet-stream"), HTTPHeader(S3Head.markHeader, mark.text),
        ]
        if let name = target.settings.storageClass { headers.append(HTTPHeader("x-amz-storage-class", name)) }
        if let lock = target.settings.objectLock {
            let until = transport.serverTime.adding(seconds: Int64(lock.days) * 86_400)
            headers.append(HTTPHeader("x-amz-object-lock-mode", lock.mode))
            headers.append(
                HTTPHeader("x-amz-object-lock-retain-until-date", String(until.description.prefix(19)) + "Z"))
        }
        return headers
    }

    /// Looks before the object appears, where the server itself does not.
    /// - Throws: `.alreadyExists`.
    func requireFree() async throws(EngineError) {
        if !isConditional, try await target.head(key) != nil { throw taken }
    }

    /// Puts the object in one request.
    /// - Parameter isRepeated: whether the request was sent before and its answer was lost.
    func putWhole(_ content: Buffer, isRepeated: Bool = false) async throws(EngineError) {
        var call = ObjectCall(method: "PUT", object: object, what: what)
        call.body = CallBody(content, 0..<content.count)
        call.headers = objectHeaders + condition
        let reply = try await transport.send(call, accepting: isConditional ? [412] : [])
        guard !isConditional || reply.status == 412 else { return }
        let isUnsure = !isConditional || reply.isRepeated || isRepeated
        guard try await isOurs(content.count, sum: call.body.md5, unmarked: isUnsure) else { throw taken }
    }

    /// Whether the object that is there was made by this very write.
    /// - Parameters:
    ///   - count: its bytes.
    ///   - sum: their MD5 when they went in one request, nil when they went in parts.
    ///   - unmarked: whether size and checksum decide when the server keeps no mark.
    /// - Throws: `.failed` when there is no object at all any more.
    func isOurs(_ count: Int, sum: String?, unmarked: Bool) async throws(EngineError) -> Bool {
        guard let head = try await target.head(key) else {
            throw EngineError(
                .failed, "cannot \(what): the object was there and vanished; something else deletes objects",
                isRetryable: true)
        }
        if let found = head.mark { return found == mark }
        guard unmarked, head.size == count else { return false }
        guard let sum else { return head.tag?.contains("-") == true }
        return BodySum.md5(ofETag: head.tag) == sum
    }
}
