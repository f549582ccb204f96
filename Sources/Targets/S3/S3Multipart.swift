import Engine
import Wire

/// Multipart uploads: create, parts, complete. The object appears with the last step, or not at all.
extension S3Put {
    /// How often an upload that vanished before it was completed is begun anew.
    private static let mostUploads = 3

    func runInParts() async throws(EngineError) {
        for _ in 0..<Self.mostUploads where try await upload() { return }
        throw EngineError(.failed, "cannot \(what): its parts vanished \(Self.mostUploads) times", isRetryable: true)
    }

    /// - Returns: false when the server forgot the upload and there is no object.
    private func upload() async throws(EngineError) -> Bool {
        let id = try await begin()
        do throws(EngineError) {
            var tags: [String] = []
            for start in stride(from: 0, to: content.count, by: target.partBytes) {
                let range = start..<min(start + target.partBytes, content.count)
                tags.append(try await put(range, as: tags.count + 1, of: id))
            }
            if try await complete(id, tags) { return true }
            await abort(id)
            return false
        } catch {
            await abort(id)
            throw error
        }
    }

    private func begin() async throws(EngineError) -> String {
        var call = ObjectCall(method: "POST", object: target.prefix.name(of: key), what: "begin to \(what)")
        call.query = [("uploads", "")]
        call.headers = objectHeaders
        call.body = CallBody([])
        let reply = try await transport.send(call)
        guard let id = try XMLReader.read(reply.http.body).text(of: "UploadId"), !id.isEmpty else {
            throw EngineError(.failed, "cannot \(what): the server gave no name for the upload")
        }
        return id
    }

    /// Returns the part's tag.
    private func put(_ range: Range<Int>, as number: Int, of id: String) async throws(EngineError) -> String {
        var call = ObjectCall(method: "PUT", object: target.prefix.name(of: key), what: "\(what), part \(number)")
        call.query = [("partNumber", String(number)), ("uploadId", id)]
        call.body = CallBody(content, range)
        let reply = try await transport.send(call)
        guard let tag = reply.http.value(of: "ETag"), !tag.isEmpty else {
            throw EngineError(.failed, "cannot \(what): the server gave no tag for part \(number)")
        }
        return tag
    }

    /// - Returns: false when the upload is unknown and there is no object.
    /// - Throws: `.alreadyExists` when another put's object is there.
    private func complete(_ id: String, _ tags: [String]) async throws(EngineError) -> Bool {
        let parts = tags.enumerated().map { number, tag in
            "<Part><PartNumber>\(number + 1)</PartNumber><ETag>\(tag.filter { $0 != "<" && $0 != "&" })</ETag></Part>"
        }
        let body =
            "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" + parts.joined()
            + "</CompleteMultipartUpload>"
        var call = ObjectCall(method: "POST", object: target.prefix.name(of: key), what: "complete to \(what)")
        call.query = [("uploadId", id)]
        call.headers = [HTTPHeader("Content-Type", "application/xml")] + condition
        call.body = CallBody(Array(body.utf8))
        call.isDecidedByBody = true
        let reply = try await transport.send(call, accepting: [404, 412])
        switch reply.status {
        case 412:
            guard try await isOurs(unmarked: reply.isRepeated) else { throw taken }
            return true
        case 404:
            if S3Problem(reply.http).code == "NoSuchBucket" {
                throw transport.service.refusal(of: call, reply.http, at: transport.serverTime)
            }
            guard try await target.head(key) != nil else { return false }
            guard try await isOurs(unmarked: reply.isRepeated) else { throw taken }
            return true
        default: return true
        }
    }

    /// Removes the parts, if that works at once; else the sweep will.
    private func abort(_ id: String) async {
        var call = ObjectCall(method: "DELETE", object: target.prefix.name(of: key), what: "give up to \(what)")
        call.query = [("uploadId", id)]
        call.isRepeated = false
        let (transport, last) = (transport, call)
        await detached { _ = try? await transport.send(last, accepting: [404]) }
    }
}
