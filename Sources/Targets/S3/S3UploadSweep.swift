import Engine
import Wire

/// Removes the parts of uploads that are not completed and that nobody can be at any more: no part has come to them for
/// a day. An upload of terabytes may last longer than that.
struct S3UploadSweep: Sendable {
    let transport: ObjectTransport<S3Service>
    let prefix: ObjectPrefix
    let place: String

    /// In milliseconds.
    private static let longestPause: Int64 = 24 * 3600 * 1000
    /// Where the server does not tell of parts: longer than any upload lasts.
    private static let longestUpload: Int64 = 14 * 24 * 3600 * 1000
    /// Enough for every page of a million uploads; a server that never ends is not followed further.
    private static let mostPages = 1000

    /// Returns how many uploads were removed: none where the server does not list them.
    func run() async throws(EngineError) -> Int {
        var removed = 0
        var after: (key: String, id: String)?
        for _ in 0..<Self.mostPages {
            var call = ObjectCall(method: "GET", what: "list the unfinished uploads of \(place)")
            call.query = [("uploads", ""), ("prefix", prefix.text)]
            if let after { call.query += [("key-marker", after.key), ("upload-id-marker", after.id)] }
            let reply = try await transport.send(call, accepting: [400, 403, 404, 405, 501])
            guard reply.http.isSuccess else { return removed }
            let page = try XMLReader.read(reply.http.body)
            for upload in page.all("Upload") where try await remove(upload) { removed += 1 }
            guard page.text(of: "IsTruncated") == "true", let key = page.text(of: "NextKeyMarker"), !key.isEmpty else {
                break
            }
            after = (key, page.text(of: "NextUploadIdMarker") ?? "")
        }
        return removed
    }

    private func remove(_ upload: XMLElement) async throws(EngineError) -> Bool {
        guard let name = upload.text(of: "Key"), prefix.key(of: name) != nil, let id = upload.text(of: "UploadId"),
            let begun = upload.text(of: "Initiated").flatMap({ Timestamp($0) }),
            age(begun) > Self.longestPause, try await isAbandoned(name, id, begun)
        else { return false }
        var call = ObjectCall(method: "DELETE", object: name, what: "remove an unfinished upload from \(place)")
        call.query = [("uploadId", id)]
        return try await transport.send(call, accepting: [404]).http.isSuccess
    }

    private func age(_ time: Timestamp) -> Int64 { transport.serverTime.milliseconds - time.milliseconds }

    /// Whether the last part came longer ago than any pause between two lasts.
    private func isAbandoned(_ name: String, _ id: String, _ begun: Timestamp) async throws(EngineError) -> Bool {
        var after = "0"
        for _ in 0..<Self.mostPages {
            var call = ObjectCall(
                method: "GET", object: name, what: "list the parts of an unfinished upload of \(place)")
            call.query = [("uploadId", id), ("part-number-marker", after)]
            let reply = try await transport.send(call, accepting: [400, 403, 404, 405, 501])
            if reply.status == 404 { return true }
            guard reply.http.isSuccess else { return age(begun) > Self.longestUpload }
            let page = try XMLReader.read(reply.http.body)
            let times = page.all("Part").compactMap { $0.text(of: "LastModified").flatMap { Timestamp($0) } }
            if times.contains(where: { age($0) <= Self.longestPause }) { return false }
            guard page.text(of: "IsTruncated") == "true", let next = page.text(of: "NextPartNumberMarker"),
                next != after
            else { return true }
            after = next
        }
        return false
    }
}
