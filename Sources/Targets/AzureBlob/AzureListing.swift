import Engine
import Wire

/// Lists a container page by page. What is no object of ours is passed over.
struct AzureListing: Sendable {
    let transport: ObjectTransport<AzureService>
    let prefix: ObjectPrefix
    let place: String

    /// How many pages in a row may have nothing in them.
    private static let mostEmptyPages = 1000

    /// In byte order of their keys. A page may be short, or empty, and still not be the last.
    func objects(_ text: String) async throws(EngineError) -> [ListedObject] {
        var found: [ListedObject] = []
        var marker = ""
        var seen: Set<String> = []
        var empty = 0
        repeat {
            var call = ObjectCall(method: "GET", what: "list \(place)")
            call.query = [("restype", "container"), ("comp", "list"), ("prefix", prefix.text + text)]
            if !marker.isEmpty { call.query.append(("marker", marker)) }
            let page = try XMLReader.read(try await transport.send(call).http.body)
            guard page.name == "EnumerationResults" else {
                throw EngineError(.failed, "cannot list \(place): the answer is `\(page.name)` and no listing")
            }
            let blobs = page.first("Blobs")?.all("Blob") ?? []
            for blob in blobs { try take(blob, text, into: &found) }
            empty = blobs.isEmpty ? empty + 1 : 0
            marker = page.text(of: "NextMarker") ?? ""
            let isNew = blobs.isEmpty ? empty < Self.mostEmptyPages : seen.insert(marker).inserted
            guard marker.isEmpty || isNew else {
                throw EngineError(.failed, "cannot list \(place): the service gives the same page again and again")
            }
        } while !marker.isEmpty
        return found.sorted { $0.key < $1.key }
    }

    private func take(_ blob: XMLElement, _ text: String, into found: inout [ListedObject]) throws(EngineError) {
        guard let name = blob.first("Name"), let properties = blob.first("Properties"),
            let size = properties.text(of: "Content-Length").flatMap({ Int($0) }), size >= 0,
            let modified = properties.text(of: "Last-Modified").flatMap(HTTPDate.read)
        else { throw EngineError(.failed, "cannot list \(place): a blob lacks its name, size or time") }
        // Accounts with folders list those too.
        if properties.text(of: "ResourceType") == "directory" { return }
        let isEncoded = name.attributes["Encoded"] == "true"
        guard let plain = isEncoded ? PercentCoding.decode(name.text) : name.text, let key = prefix.key(of: plain),
            key.text.hasPrefix(text)
        else { return }
        found.append(ListedObject(key: key, size: size, modified: modified))
    }
}
