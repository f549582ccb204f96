import Engine
import FoundationEssentials
import Wire

/// One `put`, in one request or in blocks, that replaces no blob.
struct AzurePut: Sendable {
    let target: AzureBlobTarget
    let transport: ObjectTransport<AzureService>
    let key: ObjectKey
    let content: Buffer
    private let mark = WriteMark.make()

    init(target: AzureBlobTarget, transport: ObjectTransport<AzureService>, key: ObjectKey, content: Buffer) {
        self.target = target
        self.transport = transport
        self.key = key
        self.content = content
    }

    /// How often blocks that another put's commit swept away are put anew.
    private static let mostUploads = 3

    func run() async throws(EngineError) {
        guard content.count > target.blockBytes else { return try await runWhole() }
        for _ in 0..<Self.mostUploads where try await upload() { return }
        throw EngineError(.failed, "cannot \(what): its blocks vanished \(Self.mostUploads) times", isRetryable: true)
    }

    private func runWhole() async throws(EngineError) {
        var call = ObjectCall(method: "PUT", object: target.prefix.name(of: key), what: what)
        call.body = CallBody(content, 0..<content.count)
        call.headers = [HTTPHeader("x-ms-blob-type", "BlockBlob")] + blobHeaders
        let reply = try await transport.send(call, accepting: [409, 412])
        if !reply.http.isSuccess { _ = try await judge(reply, call) }
    }

    /// - Returns: false when the blocks are gone and there is no blob.
    private func upload() async throws(EngineError) -> Bool {
        var ids: [String] = []
        for start in stride(from: 0, to: content.count, by: target.blockBytes) {
            let id = blockID(ids.count)
            var call = ObjectCall(
                method: "PUT", object: target.prefix.name(of: key), what: "\(what), block \(ids.count + 1)")
            call.query = [("comp", "block"), ("blockid", id)]
            call.headers = [HTTPHeader("Content-Type", "application/octet-stream")]
            call.body = CallBody(content, start..<min(start + target.blockBytes, content.count))
            _ = try await transport.send(call)
            ids.append(id)
        }
        var call = ObjectCall(method: "PUT", object: target.prefix.name(of: key), what: "complete to \(what)")
        let list = ids.map { "<Uncommitted>\($0)</Uncommitted>" }.joined()
        call.query = [("comp", "blocklist")]
        call.body = CallBody(
            Array("<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>\(list)</BlockList>".utf8))
        call.headers =
            blobHeaders + [HTTPHeader("x-ms-blob-content-md5", CallBody(content, 0..<content.count).md5 ?? "")]
        let reply = try await transport.send(call, accepting: [400, 409, 412])
        return reply.http.isSuccess ? true : try await judge(reply, call)
    }

    /// Ids of one blob have one length. They carry the put's mark, so that two puts do not mix their blocks.
    private func blockID(_ number: Int) -> String {
        let digits = String(number)
        let text = mark.text + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
        return Data(text.utf8).base64EncodedString()
    }

    private var what: String { "put \(key) into \(target.place)" }

    private var blobHeaders: [HTTPHeader] {
        [
            HTTPHeader("Content-Type", "application/octet-stream"), HTTPHeader("If-None-Match", "*"),
            HTTPHeader(AzureHead.markHeader, mark.text),
        ]
    }

    /// What a refused put means: an earlier attempt of ours won, or another put did.
    /// - Returns: false when there is no blob, and another upload may be tried.
    /// - Throws: `.alreadyExists`, or what the refusal says.
    private func judge(_ reply: ObjectReply, _ call: ObjectCall) async throws(EngineError) -> Bool {
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
        } else if reply.isRepeated, head.size == content.count, let sum = head.md5,
            sum == CallBody(content, 0..<content.count).md5
        {
            return true
        }
        throw EngineError(.alreadyExists, "\(key) is in \(target.place) already")
    }
}
