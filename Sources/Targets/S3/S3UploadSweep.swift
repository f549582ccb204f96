import Engine
import Wire

/// Removes the parts of uploads that nobody completed for longer than any put lasts.
struct S3UploadSweep: Sendable {
    let transport: ObjectTransport<S3Service>
    let prefix: ObjectPrefix
    let place: String

    /// In milliseconds.
    private static let longestPut: Int64 = 24 * 3600 * 1000
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
            transport.serverTime.milliseconds - begun.milliseconds > Self.longestPut
        else { return false }
        var call = ObjectCall(method: "DELETE", object: name, what: "remove an unfinished upload from \(place)")
        call.query = [("uploadId", id)]
        return try await transport.send(call, accepting: [404]).http.isSuccess
    }
}
