import Engine
import Wire

/// One blob on its way into a container, in one request or in blocks: what is said of it, and how it is told from
/// another's of its name. It replaces none.
struct AzureWrite: Sendable {
    let target: AzureBlobTarget
    let transport: ObjectTransport<AzureService>
    let key: ObjectKey
    let mark = WriteMark.make()

    var what: String { "put \(key) into \(target.place)" }

    var object: String { target.prefix.name(of: key) }

    var blobHeaders: [HTTPHeader] {
        [
            HTTPHeader("Content-Type", "application/octet-stream"), HTTPHeader("If-None-Match", "*"),
            HTTPHeader(AzureHead.markHeader, mark.text),
        ]
    }

    /// Puts the blob in one request.
    /// - Parameter isRepeated: whether the request was sent before and its answer was lost.
    func putWhole(_ content: Buffer, isRepeated: Bool = false) async throws(EngineError) {
        var call = ObjectCall(method: "PUT", object: object, what: what)
        call.body = CallBody(content, 0..<content.count)
        call.headers = [HTTPHeader("x-ms-blob-type", "BlockBlob")] + blobHeaders
        let reply = try await transport.send(call, accepting: [409, 412])
        guard !reply.http.isSuccess else { return }
        let sum = reply.isRepeated || isRepeated ? call.body.md5 : nil
        _ = try await judge(reply, call, content.count, sum: sum)
    }

    /// What a refusal means: an earlier attempt of ours won, or another writer did.
    /// - Parameters:
    ///   - count: bytes of the blob.
    ///   - sum: their MD5 if these decide where the service keeps no mark.
    /// - Returns: false when there is no blob, and another upload may be tried.
    /// - Throws: `.alreadyExists`, or what the refusal says.
    func judge(_ reply: ObjectReply, _ call: ObjectCall, _ count: Int, sum: String?) async throws(EngineError) -> Bool {
        let expected = ["BlobAlreadyExists", "ConditionNotMet", "TargetConditionNotMet", "InvalidBlockList"]
        let problem = AzureProblem(reply.http)
        guard problem.code.map({ expected.contains($0) }) ?? (reply.status == 412) else {
            throw transport.service.refusal(of: call, reply.http, at: transport.serverTime)
        }
        guard let head = try await target.head(key) else {
            if problem.code == "InvalidBlockList" { return false }
            throw EngineError(
                .failed, "cannot \(what): the blob was there and vanished; something else deletes blobs",
                isRetryable: true)
        }
        if let found = head.mark {
            if found == mark { return true }
        } else if let sum, head.size == count, head.md5 == sum {
            return true
        }
        throw EngineError(.alreadyExists, "\(key) is in \(target.place) already")
    }
}
