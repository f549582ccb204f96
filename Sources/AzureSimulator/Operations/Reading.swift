import Crypto

/// Reading blobs and what is known of them.
extension Store {
    private static let largestHashed = 4 << 20

    func getBlob(_ request: StoreRequest) throws(AzureError) -> Answer {
        let call = request.call
        let blob = try readable(request)
        var headers = Self.fields(of: blob, request.now)
        let asked = try ByteRange(call)
        let wantsMD5 = call["x-ms-range-get-content-md5"]?.lowercased() == "true"
        let wantsCRC = call["x-ms-range-get-content-crc64"]?.lowercased() == "true"
        guard let asked else {
            if wantsMD5 || wantsCRC { throw .invalidHeader("x-ms-range-get-content-md5", "true") }
            if let md5 = blob.properties.contentMD5 { headers.append(("Content-MD5", md5)) }
            return replaced(Answer(status: 200, headers: headers, body: blob.content.read(0..<blob.size)), request)
        }
        guard let range = asked.clamped(to: blob.size) else {
            throw AzureError.invalidRange.sending("Content-Range", "bytes */\(blob.size)")
        }
        if wantsMD5 || wantsCRC, range.count > Self.largestHashed {
            throw AzureError(400, "OutOfRangeInput", "The range to be hashed must not be larger than 4 MiB.")
        }
        headers.append(("Content-Range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(blob.size)"))
        if let md5 = blob.properties.contentMD5 { headers.append(("x-ms-blob-content-md5", md5)) }
        var answer = Answer(status: 206, headers: headers, body: blob.content.read(range))
        answer.hashes = (wantsMD5, wantsCRC)
        return replaced(answer, request)
    }

    func blobProperties(_ request: StoreRequest) throws(AzureError) -> Answer {
        let blob = try readable(request)
        var headers = Self.fields(of: blob, request.now)
        if let md5 = blob.properties.contentMD5 { headers.append(("Content-MD5", md5)) }
        headers.append(("x-ms-creation-time", blob.created.httpDate))
        if blob.kind == .block { headers += [("x-ms-access-tier", "Hot"), ("x-ms-access-tier-inferred", "true")] }
        return replaced(Answer(status: 200, headers: headers, length: blob.size), request)
    }

    func blobMetadata(_ request: StoreRequest) throws(AzureError) -> Answer {
        let blob = try readable(request)
        return Answer(
            status: 200,
            headers: [("ETag", blob.etag), ("Last-Modified", blob.modified.httpDate)]
                + blob.metadata.map { ("x-ms-meta-" + $0.name, $0.value) })
    }

    private func replaced(_ answer: Answer, _ request: StoreRequest) -> Answer {
        var answer = answer
        for field in request.grant.answerFields {
            answer.headers.removeAll { $0.name == field.name }
            answer.headers.append(field)
        }
        return answer
    }

    private static func fields(of blob: Blob, _ now: Instant) -> [(name: String, value: String)] {
        let state = blob.lease.state(now)
        let properties = blob.properties
        var fields: [(name: String, value: String)] = [
            ("Content-Type", properties.contentType), ("ETag", blob.etag), ("Last-Modified", blob.modified.httpDate),
            ("Accept-Ranges", "bytes"), ("x-ms-blob-type", blob.kind.rawValue), ("x-ms-lease-state", state.rawValue),
            ("x-ms-lease-status", blob.lease.isActive(now) ? "locked" : "unlocked"), ("x-ms-server-encrypted", "true"),
        ]
        if state == .leased {
            fields.append(("x-ms-lease-duration", blob.lease.duration == nil ? "infinite" : "fixed"))
        }
        if blob.kind == .page { fields.append(("x-ms-blob-sequence-number", "\(blob.sequenceNumber)")) }
        let optional = [
            ("Content-Encoding", properties.contentEncoding), ("Content-Language", properties.contentLanguage),
            ("Content-Disposition", properties.contentDisposition), ("Cache-Control", properties.cacheControl),
        ]
        for (name, value) in optional {
            if let value { fields.append((name, value)) }
        }
        return fields + blob.metadata.map { ("x-ms-meta-" + $0.name, $0.value) }
    }
}
