/// Page blobs.
extension Store {
    private static let page = 512
    private static let largestBlob = 8 << 40
    private static let largestWrite = 4 << 20
    private static let mostRanges = 10_000

    /// - Throws: `InvalidHeaderValue` unless it is a multiple of 512 up to 8 TiB.
    static func pageBlobSize(_ text: String) throws(AzureError) -> Int {
        guard let size = Int(text), size >= 0, size.isMultiple(of: page), size <= largestBlob else {
            throw .invalidHeader("x-ms-blob-content-length", text)
        }
        return size
    }

    static func sequenceNumber(_ call: Call) throws(AzureError) -> Int? {
        guard let text = call["x-ms-blob-sequence-number"] else { return nil }
        guard let number = Int(text), number >= 0 else { throw .invalidHeader("x-ms-blob-sequence-number", text) }
        return number
    }

    func putPage(_ request: StoreRequest) throws(AzureError) -> Answer {
        guard request.call["x-ms-page-write"]?.lowercased() == "update" else {
            guard let text = request.call["x-ms-page-write"] else { throw .missingHeader("x-ms-page-write") }
            throw .invalidHeader("x-ms-page-write", text)
        }
        let range = try pages(request)
        guard range.count <= Self.largestWrite, request.body.count <= Self.largestWrite else { throw .tooLarge }
        guard request.body.count == range.count else { throw .invalidHeader("Content-Length", "\(request.body.count)") }
        let changed = change(request) { $0.content.write(request.body, at: range.lowerBound) }
        let number = [("x-ms-blob-sequence-number", "\(changed.sequenceNumber)")]
        return request.changed(201, changed, request.checksums + number)
    }

    func clearPage(_ request: StoreRequest) throws(AzureError) -> Answer {
        let range = try pages(request)
        guard request.body.count == 0 else { throw .invalidHeader("Content-Length", "\(request.body.count)") }
        let blob = change(request) { $0.content.clear(range) }
        return request.changed(201, blob, [("x-ms-blob-sequence-number", "\(blob.sequenceNumber)")])
    }

    /// The range of a write, checked as the blob is.
    private func pages(_ request: StoreRequest) throws(AzureError) -> Range<Int> {
        let blob = try writable(request)
        guard blob.kind == .page else { throw .invalidBlobType }
        try Self.checkSequence(blob, request.call)
        guard let asked = try ByteRange(request.call) else { throw .missingHeader("x-ms-range") }
        guard let last = asked.last, asked.first.isMultiple(of: Self.page), (last + 1).isMultiple(of: Self.page) else {
            throw .invalidPageRange
        }
        guard last < blob.size else { throw .invalidPageRange }
        return asked.first..<last + 1
    }

    private static func checkSequence(_ blob: Blob, _ call: Call) throws(AzureError) {
        let rules: [(String, (Int, Int) -> Bool)] = [("le", (<=)), ("lt", (<)), ("eq", (==))]
        for (name, holds) in rules {
            guard let text = call["x-ms-if-sequence-number-" + name] else { continue }
            guard let number = Int(text) else { throw .invalidHeader("x-ms-if-sequence-number-" + name, text) }
            guard holds(blob.sequenceNumber, number) else {
                throw AzureError(
                    412, "SequenceNumberConditionNotMet", "The sequence number condition specified was not met.")
            }
        }
    }

    func pageRanges(_ request: StoreRequest) throws(AzureError) -> Answer {
        let call = request.call
        let blob = try readable(request)
        guard blob.kind == .page else { throw .invalidBlobType }
        guard call.parameter("prevsnapshot") == nil else {
            throw .invalidQuery("prevsnapshot", "there are no snapshots")
        }
        var range = 0..<blob.size
        if let asked = try ByteRange(call) {
            guard let clamped = asked.clamped(to: blob.size) else { throw .invalidRange }
            range =
                clamped.lowerBound / Self.page
                * Self.page..<min(blob.size, (clamped.upperBound + Self.page - 1) / Self.page * Self.page)
        }
        let (ranges, next) = try Self.page(of: blob.content.written(in: range), call)
        var document = XMLText()
        document.element("PageList") { list in
            for range in ranges {
                list.element("PageRange") { entry in
                    entry.element("Start", "\(range.lowerBound)")
                    entry.element("End", "\(range.upperBound - 1)")
                }
            }
            list.element("NextMarker", next ?? "", attributes: "")
        }
        var answer = Answer.xml(document)
        answer.headers += [
            ("ETag", blob.etag), ("Last-Modified", blob.modified.httpDate),
            ("x-ms-blob-content-length", "\(blob.size)"),
        ]
        return answer
    }

    /// One page of a list of ranges.
    private static func page(
        of ranges: [Range<Int>], _ call: Call
    ) throws(AzureError) -> (ranges: [Range<Int>], next: String?) {
        let sizeText = call.parameter("maxresults")
        guard let size = sizeText.map({ Int($0) }) ?? mostRanges, size > 0 else {
            throw .outOfRangeQuery("maxresults", sizeText ?? "")
        }
        let marker = call.parameter("marker") ?? ""
        guard let start = marker.isEmpty ? 0 : Int(marker) else { throw .invalidQuery("marker", marker) }
        let rest = ranges.filter { $0.upperBound > start }
        let shown = Array(rest.prefix(min(size, mostRanges)))
        return (shown, shown.count < rest.count ? "\(rest[shown.count].lowerBound)" : nil)
    }
}
