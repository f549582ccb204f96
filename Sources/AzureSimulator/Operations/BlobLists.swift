/// Lists of blobs.
extension Store {
    private enum Entry {
        case blob(BlobName)
        case prefix(String)
    }

    func listBlobs(_ request: StoreRequest, limit: Int?) throws(AzureError) -> Answer {
        let call = request.call
        let container = try container(request)
        let page = try ListPage(call, limit: limit)
        let included = Set((call.parameter("include") ?? "").split(separator: ",").map(String.init))
        let (entries, next) = Self.entries(
            container, prefix: call.parameter("prefix") ?? "", delimiter: call.parameter("delimiter") ?? "", page,
            uncommitted: included.contains("uncommittedblobs"))
        let attributes =
            " ServiceEndpoint=\"\(call.origin)/\(call.account)/\" ContainerName=\"\(XMLText.escape(call.container ?? ""))\""
        var document = XMLText()
        document.element("EnumerationResults", attributes: attributes) { list in
            page.echo(call, into: &list)
            list.element("Blobs") { list in
                for entry in entries {
                    switch entry {
                    case .prefix(let name): list.element("BlobPrefix") { Self.writeName(name, into: &$0) }
                    case .blob(let name):
                        guard let blob = container[name] else { continue }
                        list.element("Blob") { entry in
                            Self.writeName(name.text, into: &entry)
                            Self.write(blob, metadata: included.contains("metadata"), request.now, into: &entry)
                        }
                    }
                }
            }
            list.element("NextMarker", next.map(ListPage.marker) ?? "", attributes: "")
        }
        return .xml(document)
    }

    /// The entries of one page, and the name the next one starts with.
    private static func entries(
        _ container: Container, prefix: String, delimiter: String, _ page: ListPage, uncommitted: Bool
    ) -> (entries: [Entry], next: String?) {
        var entries: [Entry] = []
        var last: String?
        let first = max(BlobName(prefix), BlobName(page.start))
        for name in container.names[container.index(of: first)...] {
            guard name.hasPrefix(prefix) else { break }
            guard uncommitted || container[name]?.isCommitted == true else { continue }
            let group = group(of: name, behind: prefix, delimiter)
            if let group, group == last { continue }
            if entries.count == page.size { return (entries, name.text) }
            last = group
            entries.append(group.map { .prefix($0) } ?? .blob(name))
        }
        return (entries, nil)
    }

    /// The name up to the first delimiter behind the prefix.
    private static func group(of name: BlobName, behind prefix: String, _ delimiter: String) -> String? {
        guard !delimiter.isEmpty else { return nil }
        let bytes = Array(name.text.utf8)
        let wanted = Array(delimiter.utf8)
        var position = prefix.utf8.count
        while position + wanted.count <= bytes.count {
            if bytes[position..<position + wanted.count].elementsEqual(wanted) {
                return String(decoding: bytes[..<(position + wanted.count)], as: UTF8.self)
            }
            position += 1
        }
        return nil
    }

    private static func writeName(_ name: String, into list: inout XMLText) {
        if XMLText.canCarry(name) {
            list.element("Name", name)
        } else {
            list.element("Name", Percent.encode(name), attributes: " Encoded=\"true\"")
        }
    }

    private static func write(_ blob: Blob, metadata: Bool, _ now: Instant, into entry: inout XMLText) {
        let state = blob.lease.state(now)
        entry.element("Properties") { list in
            list.element("Creation-Time", blob.created.httpDate)
            list.element("Last-Modified", blob.modified.httpDate)
            list.element("Etag", blob.etag.replacing("\"", with: ""))
            list.element("Content-Length", "\(blob.isCommitted ? blob.size : 0)")
            list.element("Content-Type", blob.properties.contentType, attributes: "")
            list.element("Content-Encoding", blob.properties.contentEncoding ?? "", attributes: "")
            list.element("Content-Language", blob.properties.contentLanguage ?? "", attributes: "")
            list.element("Content-CRC64", "", attributes: "")
            list.element("Content-MD5", blob.properties.contentMD5 ?? "", attributes: "")
            list.element("Cache-Control", blob.properties.cacheControl ?? "", attributes: "")
            list.element("Content-Disposition", blob.properties.contentDisposition ?? "", attributes: "")
            if blob.kind == .page { list.element("x-ms-blob-sequence-number", "\(blob.sequenceNumber)") }
            list.element("BlobType", blob.kind.rawValue)
            if blob.kind == .block {
                list.element("AccessTier", "Hot")
                list.element("AccessTierInferred", "true")
            }
            list.element("LeaseStatus", blob.lease.isActive(now) ? "locked" : "unlocked")
            list.element("LeaseState", state.rawValue)
            if state == .leased { list.element("LeaseDuration", blob.lease.duration == nil ? "infinite" : "fixed") }
            list.element("ServerEncrypted", "true")
        }
        if metadata, !blob.metadata.isEmpty {
            entry.element("Metadata") { list in
                for (name, value) in blob.metadata { list.element(name, value) }
            }
        }
    }
}
