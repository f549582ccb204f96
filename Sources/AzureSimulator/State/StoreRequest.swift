/// An authorized request to the store.
struct StoreRequest: Sendable {
    let call: Call
    let grant: Grant
    let conditions: Conditions
    /// The body, kept already.
    let body: Slice
    /// The body's bytes, when it is a small document; else empty.
    let document: [UInt8]
    let digests: BodyDigests
    let now: Instant

    var containerKey: String { "\(call.account)/\(call.container ?? "")" }
    var name: BlobName { call.blob ?? BlobName("") }

    /// `x-ms-meta-…`, in the order of their names.
    ///
    /// - Throws: `InvalidMetadata`, `EmptyMetadataKey`, `MetadataTooLarge`.
    func metadata() throws(AzureError) -> [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        var size = 0
        for (field, value) in call.headers where field.hasPrefix("x-ms-meta-") {
            let name = String(field.dropFirst("x-ms-meta-".count))
            guard let first = name.unicodeScalars.first else {
                throw AzureError(400, "EmptyMetadataKey", "The key for one of the metadata key-value pairs is empty.")
            }
            let isIdentifier = name.unicodeScalars.allSatisfy {
                $0 == "_" || $0.properties.isAlphabetic || ("0"..."9").contains($0)
            }
            guard isIdentifier, !("0"..."9").contains(first) else {
                throw AzureError(
                    400, "InvalidMetadata",
                    "The metadata specified is invalid. It has characters that are not permitted.")
            }
            pairs.append((name, value))
            size += name.utf8.count + value.utf8.count
        }
        guard size <= 8192 else {
            throw AzureError(
                400, "MetadataTooLarge", "The size of the specified metadata exceeds the maximum size permitted.")
        }
        return pairs.sorted { $0.name < $1.name }
    }

    /// Answers that a change was made.
    func changed(_ status: Int, _ blob: Blob, _ more: [(name: String, value: String)] = []) -> Answer {
        Answer(
            status: status,
            headers: [("ETag", blob.etag), ("Last-Modified", blob.modified.httpDate)] + more
                + [("x-ms-request-server-encrypted", "true")])
    }

    /// The checksums of the body, as answers to writes have them.
    var checksums: [(name: String, value: String)] {
        let md5 = call["content-md5"] == nil ? [] : [("Content-MD5", digests.md5)]
        return md5 + [("x-ms-content-crc64", digests.crc64)]
    }
}
