import Engine
import Wire

/// Lists a bucket page by page (ListObjectsV2). What is no object of ours is passed over.
struct S3Listing: Sendable {
    let transport: ObjectTransport<S3Service>
    let prefix: ObjectPrefix
    let place: String

    /// In byte order of their keys, which not every server keeps to.
    func objects(_ text: String) async throws(EngineError) -> [ListedObject] {
        var found: [ListedObject] = []
        var token: String?
        repeat {
            var call = ObjectCall(method: "GET", what: "list \(place)")
            call.query = [("list-type", "2"), ("prefix", prefix.text + text), ("encoding-type", "url")]
            if let token { call.query.append(("continuation-token", token)) }
            let page = try XMLReader.read(try await transport.send(call).http.body)
            guard page.name == "ListBucketResult" else {
                throw EngineError(.failed, "cannot list \(place): the answer is `\(page.name)` and no listing")
            }
            try take(page, text, into: &found)
            let next = try continuation(page)
            guard next == nil || next != token else {
                throw EngineError(.failed, "cannot list \(place): the server gives the same page again and again")
            }
            token = next
        } while token != nil
        return found.sorted { $0.key < $1.key }
    }

    private func continuation(_ page: XMLElement) throws(EngineError) -> String? {
        guard page.text(of: "IsTruncated") == "true" else { return nil }
        guard let token = page.text(of: "NextContinuationToken"), !token.isEmpty else {
            throw EngineError(.failed, "cannot list \(place): the server says that there is more, but not where")
        }
        return token
    }

    private func take(_ page: XMLElement, _ text: String, into found: inout [ListedObject]) throws(EngineError) {
        let isEncoded = page.text(of: "EncodingType") == "url"
        for element in page.all("Contents") {
            guard let written = element.text(of: "Key"), let size = element.text(of: "Size").flatMap({ Int($0) }),
                let modified = element.text(of: "LastModified").flatMap({ Timestamp($0) }), size >= 0
            else { throw EngineError(.failed, "cannot list \(place): an object lacks its key, size or time") }
            // In a listing a blank is written as a plus; a plus itself is always encoded.
            let spaced = String(written.map { $0 == "+" ? " " : $0 })
            guard let name = isEncoded ? PercentCoding.decode(spaced) : written, let key = prefix.key(of: name),
                key.text.hasPrefix(text)
            else { continue }
            found.append(ListedObject(key: key, size: size, modified: modified))
        }
    }
}
