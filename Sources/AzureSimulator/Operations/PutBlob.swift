/// Writing and deleting whole blobs.
extension Store {
    func putBlob(_ request: StoreRequest) throws(AzureError) -> Answer {
        let call = request.call
        try Self.checkBlobName(request.name)
        guard let type = call["x-ms-blob-type"] else { throw .missingHeader("x-ms-blob-type") }
        guard let kind = Blob.Kind(rawValue: type) else { throw .invalidHeader("x-ms-blob-type", type) }
        guard call["x-ms-copy-source"] == nil else {
            throw AzureError(
                501, "NotImplemented", "The requested operation is not implemented on the specified resource.")
        }
        let old = try replaceable(request)
        var blob = Blob()
        blob.kind = kind
        blob.isCommitted = true
        blob.created = request.now
        blob.metadata = try request.metadata()
        blob.properties = Self.properties(call, orStandard: true)
        if let old, old.isCommitted { blob.lease = old.lease }
        switch kind {
        case .block: try fill(&blob, request)
        case .page: try blank(&blob, request)
        }
        blob = keep(blob, request)
        var fields = request.checksums
        if kind == .block, call["content-md5"] == nil { fields.append(("Content-MD5", request.digests.md5)) }
        return request.changed(201, blob, kind == .block ? fields : [])
    }

    private func fill(_ blob: inout Blob, _ request: StoreRequest) throws(AzureError) {
        guard request.call["x-ms-blob-content-length"] == nil else {
            throw .invalidHeader("x-ms-blob-content-length", request.call["x-ms-blob-content-length"] ?? "")
        }
        if let md5 = blob.properties.contentMD5, md5 != request.digests.md5 { throw BodyChecks.md5Mismatch }
        blob.properties.contentMD5 = request.digests.md5
        blob.content = Extents([request.body])
        blob.size = request.body.count
    }

    private func blank(_ blob: inout Blob, _ request: StoreRequest) throws(AzureError) {
        guard request.body.count == 0 else {
            throw .invalidHeader("Content-Length", "\(request.body.count)")
        }
        guard let text = request.call["x-ms-blob-content-length"] else {
            throw .missingHeader("x-ms-blob-content-length")
        }
        blob.size = try Self.pageBlobSize(text)
        blob.sequenceNumber = try Self.sequenceNumber(request.call) ?? 0
    }

    func deleteBlob(_ request: StoreRequest) throws(AzureError) -> Answer {
        if let option = request.call["x-ms-delete-snapshots"], !["include", "only"].contains(option) {
            throw .invalidHeader("x-ms-delete-snapshots", option)
        }
        _ = try writable(request)
        if request.call["x-ms-delete-snapshots"] != "only" { containers[request.containerKey]?[request.name] = nil }
        return Answer(status: 202, headers: [("x-ms-delete-type-permanent", "true")])
    }

    /// The properties that header fields set.
    ///
    /// - Parameter orStandard: whether the fields of HTTP itself count too, as they do for Put Blob.
    static func properties(_ call: Call, orStandard: Bool) -> Blob.Properties {
        func value(_ name: String) -> String? {
            let own = call["x-ms-blob-" + name]
            return (own?.isEmpty == false ? own : nil) ?? (orStandard && name != "content-md5" ? call[name] : nil)
        }
        return Blob.Properties(
            contentType: value("content-type") ?? "application/octet-stream",
            contentEncoding: value("content-encoding"), contentLanguage: value("content-language"),
            contentDisposition: value("content-disposition"), cacheControl: value("cache-control"),
            contentMD5: value("content-md5"))
    }

    /// 1 to 1024 characters.
    static func checkBlobName(_ name: BlobName) throws(AzureError) {
        guard (1...1024).contains(name.text.unicodeScalars.count) else {
            throw AzureError(
                400, "OutOfRangeInput", "The specified resource name length is not within the permissible limits.")
        }
    }
}
