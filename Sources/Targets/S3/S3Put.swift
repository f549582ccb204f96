import Engine
import Wire

/// One `put`, in one request or in parts, that replaces no object.
struct S3Put: Sendable {
    let target: S3Target
    let transport: ObjectTransport<S3Service>
    let key: ObjectKey
    let content: Buffer
    let isConditional: Bool
    let mark = WriteMark.make()

    var what: String { "put \(key) into \(target.place)" }

    func run() async throws(EngineError) {
        if !isConditional, try await target.head(key) != nil { throw taken }
        if content.count > target.partBytes {
            try await runInParts()
        } else {
            try await runWhole()
        }
        if !isConditional, try await !isOurs(unmarked: true) { throw taken }
    }

    private func runWhole() async throws(EngineError) {
        var call = ObjectCall(method: "PUT", object: target.prefix.name(of: key), what: what)
        call.body = CallBody(content, 0..<content.count)
        call.headers = objectHeaders + condition
        let reply = try await transport.send(call, accepting: isConditional ? [412] : [])
        guard reply.status == 412, try await !isOurs(unmarked: reply.isRepeated) else { return }
        throw taken
    }

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

    /// Whether the object that is there was made by this very put.
    /// - Parameter unmarked: whether size and checksum decide when the server keeps no mark.
    /// - Throws: `.failed` when there is no object at all any more.
    func isOurs(unmarked: Bool) async throws(EngineError) -> Bool {
        guard let head = try await target.head(key) else {
            throw EngineError(
                .failed, "cannot \(what): the object was there and vanished; something else deletes objects",
                isRetryable: true)
        }
        if let found = head.mark { return found == mark }
        guard unmarked, head.size == content.count else { return false }
        guard content.count <= target.partBytes else { return head.tag?.contains("-") == true }
        return BodySum.md5(ofETag: head.tag) == CallBody(content, 0..<content.count).md5
    }
}
