/// Changing what is known of a blob.
extension Store {
    private static let names = [
        "cache-control", "content-type", "content-md5", "content-encoding", "content-language", "content-disposition",
    ]

    /// Of the six properties, those left out are cleared, unless only the size or the sequence number is set.
    func setProperties(_ request: StoreRequest) throws(AzureError) -> Answer {
        let call = request.call
        var blob = try writable(request)
        let resizes = call["x-ms-blob-content-length"] != nil || call["x-ms-sequence-number-action"] != nil
        if !resizes || Self.names.contains(where: { call["x-ms-blob-" + $0] != nil }) {
            blob.properties = Self.properties(call, orStandard: false)
        }
        if resizes { try resize(&blob, call) }
        blob = keep(blob, request)
        let fields = blob.kind == .page ? [("x-ms-blob-sequence-number", "\(blob.sequenceNumber)")] : []
        return request.changed(200, blob, fields)
    }

    private func resize(_ blob: inout Blob, _ call: Call) throws(AzureError) {
        guard blob.kind == .page else { throw .invalidBlobType }
        if let text = call["x-ms-blob-content-length"] {
            let size = try Self.pageBlobSize(text)
            if size < blob.size { blob.content.clear(size..<blob.size) }
            blob.size = size
        }
        guard let action = call["x-ms-sequence-number-action"]?.lowercased() else { return }
        let number = try Self.sequenceNumber(call)
        switch action {
        case "increment":
            if number != nil { throw .invalidHeader("x-ms-blob-sequence-number", "\(number ?? 0)") }
            blob.sequenceNumber += 1
        case "max", "update":
            guard let number else { throw .missingHeader("x-ms-blob-sequence-number") }
            blob.sequenceNumber = action == "max" ? max(number, blob.sequenceNumber) : number
        default: throw .invalidHeader("x-ms-sequence-number-action", action)
        }
    }

    func setMetadata(_ request: StoreRequest) throws(AzureError) -> Answer {
        var blob = try writable(request)
        blob.metadata = try request.metadata()
        return request.changed(200, keep(blob, request))
    }
}
