import Engine
import Synchronization
import Wire

/// A multipart upload: create, parts, complete. The object appears with the last step, or not at all.
final class S3Multipart: PartPlace {
    private let write: S3Write
    /// The server's name for it; nil while there is nothing at the server.
    private let id = Mutex<String?>(nil)

    init(_ write: S3Write) { self.write = write }

    func begin() async throws(EngineError) {
        var call = ObjectCall(method: "POST", object: write.object, what: "begin to \(write.what)")
        call.query = [("uploads", "")]
        call.headers = write.objectHeaders
        call.body = CallBody([])
        let reply = try await write.transport.send(call)
        guard let id = try XMLReader.read(reply.http.body).text(of: "UploadId"), !id.isEmpty else {
            throw EngineError(.failed, "cannot \(write.what): the server gave no name for the upload")
        }
        self.id.withLock { $0 = id }
    }

    /// Returns the part's tag.
    func put(_ part: UploadPart) async throws(EngineError) -> String {
        var call = ObjectCall(method: "PUT", object: write.object, what: "\(write.what), part \(part.number)")
        call.query = [("partNumber", String(part.number)), ("uploadId", try name)]
        call.body = CallBody(part.content, part.range)
        let reply = try await write.transport.send(call)
        guard let tag = reply.http.value(of: "ETag"), !tag.isEmpty else {
            throw EngineError(.failed, "cannot \(write.what): the server gave no tag for part \(part.number)")
        }
        return tag
    }

    /// - Parameters:
    ///   - count: bytes of all parts.
    ///   - isRepeated: whether it was asked for before and the answer was lost.
    /// - Returns: false when the upload is unknown and there is no object.
    /// - Throws: `.alreadyExists` when another's object is there.
    func complete(_ tags: [String], _ count: Int, isRepeated: Bool) async throws(EngineError) -> Bool {
        let parts = tags.enumerated().map { number, tag in
            "<Part><PartNumber>\(number + 1)</PartNumber><ETag>\(tag.filter { $0 != "<" && $0 != "&" })</ETag></Part>"
        }
        let body =
            "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" + parts.joined()
            + "</CompleteMultipartUpload>"
        var call = ObjectCall(method: "POST", object: write.object, what: "complete to \(write.what)")
        call.query = [("uploadId", try name)]
        call.headers = [HTTPHeader("Content-Type", "application/xml")] + write.condition
        call.body = CallBody(Array(body.utf8))
        call.isDecidedByBody = true
        let reply = try await write.transport.send(call, accepting: [404, 412])
        if reply.status == 404 {
            if S3Problem(reply.http).code == "NoSuchBucket" {
                throw write.transport.service.refusal(of: call, reply.http, at: write.transport.serverTime)
            }
            guard try await write.target.head(write.key) != nil else { return false }
        }
        // Also after a success: another's completion in the same moment may have come after ours.
        let isRefused = reply.status == 404 || reply.status == 412
        let isUnsure = !isRefused || !write.isConditional || reply.isRepeated || isRepeated
        guard try await write.isOurs(count, sum: nil, unmarked: isUnsure) else { throw write.taken }
        id.withLock { $0 = nil }
        return true
    }

    /// Removes the parts, if that works at once; else the sweep will.
    func abort() async {
        guard let id = id.withLock({ $0 }) else { return }
        var call = ObjectCall(method: "DELETE", object: write.object, what: "give up to \(write.what)")
        call.query = [("uploadId", id)]
        call.isRepeated = false
        let (transport, last) = (write.transport, call)
        await detached { _ = try? await transport.send(last, accepting: [404]) }
        self.id.withLock { $0 = nil }
    }

    private var name: String {
        get throws(EngineError) {
            guard let id = id.withLock({ $0 }) else {
                throw EngineError(.bug, "\(write.what) goes on after it was completed or given up")
            }
            return id
        }
    }
}
