import CCurl

/// Request headers in curl's own list, freed with it.
final class HeaderList {
    private(set) var first: UnsafeMutablePointer<curl_slist>?

    /// - Throws: `configuration` for a header that would break out of its line.
    init(_ headers: [HTTPHeader], for request: HTTPRequest) throws(WireError) {
        // Without these two curl adds its own: a wait for "100 Continue", and a form's content type.
        var lines = ["Expect:"]
        if !headers.contains(where: { $0.name.lowercased() == "content-type" }) { lines.append("Content-Type:") }
        for header in headers {
            let isWhole = !(header.name + header.value).utf8.contains { $0 == 10 || $0 == 13 || $0 == 0 }
            guard isWhole, !header.name.isEmpty else {
                throw WireError(
                    .configuration, "the header '\(header.name)' to \(request.place) has a line break in it")
            }
            lines.append(header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)")
        }
        for line in lines { first = curl_slist_append(first, line) ?? first }
    }

    deinit { curl_slist_free_all(first) }
}
