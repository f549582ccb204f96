/// Leases of blobs.
extension Store {
    func leaseBlob(_ request: StoreRequest) throws(AzureError) -> Answer {
        let call = request.call
        guard let action = call["x-ms-lease-action"]?.lowercased() else { throw .missingHeader("x-ms-lease-action") }
        guard var blob = try container(request)[request.name], blob.isCommitted else { throw .blobNotFound }
        try request.conditions.checkWrite(etag: blob.etag, modified: blob.modified)
        var answer = Answer(status: 200, headers: [("ETag", blob.etag), ("Last-Modified", blob.modified.httpDate)])
        switch action {
        case "acquire":
            let id = try Self.identity(call, "x-ms-proposed-lease-id") ?? Front.newID()
            try blob.lease.acquire(id, duration: try Self.duration(call), request.now)
            answer.status = 201
        case "renew": try blob.lease.renew(try Self.required(call, "x-ms-lease-id"), request.now)
        case "change":
            try blob.lease.change(
                try Self.required(call, "x-ms-lease-id"), to: try Self.required(call, "x-ms-proposed-lease-id"),
                request.now)
        case "release": try blob.lease.release(try Self.required(call, "x-ms-lease-id"))
        case "break":
            let seconds = try blob.lease.breakUp(after: try Self.period(call), request.now)
            answer.status = 202
            answer.headers.append(("x-ms-lease-time", "\(seconds)"))
        default: throw .invalidHeader("x-ms-lease-action", action)
        }
        if ["acquire", "renew", "change"].contains(action) { answer.headers.append(("x-ms-lease-id", blob.lease.id)) }
        containers[request.containerKey]?[request.name] = blob
        return answer
    }

    private static func required(_ call: Call, _ name: String) throws(AzureError) -> String {
        guard let id = try identity(call, name) else { throw .missingHeader(name) }
        return id
    }

    /// A GUID of a header field, in lower case.
    private static func identity(_ call: Call, _ name: String) throws(AzureError) -> String? {
        guard let text = call[name] else { return nil }
        let pieces = text.lowercased().split(separator: "-", omittingEmptySubsequences: false)
        guard pieces.map(\.count) == [8, 4, 4, 4, 12], pieces.joined().allSatisfy(\.isHexDigit) else {
            throw .invalidHeader(name, text)
        }
        return text.lowercased()
    }

    /// Seconds, 15 to 60; nil for ever.
    private static func duration(_ call: Call) throws(AzureError) -> Double? {
        guard let text = call["x-ms-lease-duration"] else { throw .missingHeader("x-ms-lease-duration") }
        guard let seconds = Int(text), seconds == -1 || (15...60).contains(seconds) else {
            throw .invalidHeader("x-ms-lease-duration", text)
        }
        return seconds == -1 ? nil : Double(seconds)
    }

    private static func period(_ call: Call) throws(AzureError) -> Double? {
        guard let text = call["x-ms-lease-break-period"] else { return nil }
        guard let seconds = Int(text), (0...60).contains(seconds) else {
            throw .invalidHeader("x-ms-lease-break-period", text)
        }
        return Double(seconds)
    }
}
