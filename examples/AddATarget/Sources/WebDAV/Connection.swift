import CWebCurl
import Engine

/// One handle of libcurl, used by one request at a time.
final class Connection: @unchecked Sendable {
    // Sendable because whoever took it out of the list of idle ones is the only one to use it.
    private let curl: UnsafeMutableRawPointer

    /// Bytes of an answer that is no object.
    fileprivate static let bodyLimit = 64 << 20

    init() throws(EngineError) {
        guard let curl = curl_easy_init() else { throw EngineError(.failed, "libcurl cannot be used") }
        self.curl = curl
    }

    deinit { curl_easy_cleanup(curl) }

    func perform(
        _ method: String, _ url: String, access: Connections.Access, headers: [String], range: Range<Int>?,
        body: RawSpan?, output: Buffer?
    ) throws(EngineError) -> Answer {
        curl_easy_reset(curl)
        setUp(method, url, access, range)
        // Without `Expect` a large body would wait for a word of the server first.
        var list: UnsafeMutablePointer<curl_slist>?
        for header in ["Expect:", "Content-Type: application/octet-stream"] + headers {
            list = curl_slist_append(list, header)
        }
        defer { curl_slist_free_all(list) }
        webcurl_set_headers(curl, list)
        let sink = Sink(curl, output)
        let context = Unmanaged.passUnretained(sink).toOpaque()
        webcurl_set_sink(
            curl,
            { bytes, size, count, context in
                guard let bytes, let context else { return 0 }
                let sink = Unmanaged<Sink>.fromOpaque(context).takeUnretainedValue()
                return sink.take(UnsafeRawBufferPointer(start: bytes, count: size * count))
            }, context)
        let code = withExtendedLifetime(sink) { send(body) }
        let status = Int(webcurl_status(curl))
        guard code == CURLE_OK else {
            throw EngineError(code: code, isTooLong: sink.isOverrun, "cannot reach \(url)")
        }
        return Answer(url: url, status: status, length: Int(webcurl_length(curl)), body: sink.body)
    }

    private func send(_ body: RawSpan?) -> CURLcode {
        guard let body else { return curl_easy_perform(curl) }
        return body.withUnsafeBytes { bytes in
            // A body of no bytes still needs an address.
            var nothing: UInt8 = 0
            return withUnsafePointer(to: &nothing) { empty in
                webcurl_set_body(curl, bytes.baseAddress ?? UnsafeRawPointer(empty), curl_off_t(bytes.count))
                return curl_easy_perform(curl)
            }
        }
    }

    private func setUp(_ method: String, _ url: String, _ access: Connections.Access, _ range: Range<Int>?) {
        webcurl_set_string(curl, CURLOPT_URL, url)
        webcurl_set_string(curl, CURLOPT_CUSTOMREQUEST, method)
        webcurl_set_string(curl, CURLOPT_PROTOCOLS_STR, "http,https")
        if method == "HEAD" { webcurl_set_long(curl, CURLOPT_NOBODY, 1) }
        if let range { webcurl_set_string(curl, CURLOPT_RANGE, "\(range.lowerBound)-\(range.upperBound - 1)") }
        if let username = access.username { webcurl_set_string(curl, CURLOPT_USERNAME, username) }
        if let password = access.password { webcurl_set_string(curl, CURLOPT_PASSWORD, password) }
        if let ca = access.ca { webcurl_set_string(curl, CURLOPT_CAINFO, ca) }
        webcurl_set_long(curl, CURLOPT_NOSIGNAL, 1)
        webcurl_set_long(curl, CURLOPT_CONNECTTIMEOUT, 15)
        // A minute without a byte is a broken connection.
        webcurl_set_long(curl, CURLOPT_LOW_SPEED_LIMIT, 1)
        webcurl_set_long(curl, CURLOPT_LOW_SPEED_TIME, 60)
        webcurl_set_long(curl, CURLOPT_TCP_NODELAY, 1)
    }
}

/// Takes an answer's body: that of a wanted object into the buffer, any other into an array.
private final class Sink {
    private let curl: UnsafeMutableRawPointer
    private let output: Buffer?
    private(set) var body: [UInt8] = []
    private(set) var isOverrun = false

    init(_ curl: UnsafeMutableRawPointer, _ output: Buffer?) {
        self.curl = curl
        self.output = output
    }

    /// Returns how many bytes were taken; fewer than given end the transfer.
    func take(_ bytes: UnsafeRawBufferPointer) -> Int {
        let isObject = (200...299).contains(Int(webcurl_status(curl)))
        if let output, isObject {
            guard bytes.count <= output.room else {
                isOverrun = true
                return 0
            }
            output.append(bytes.bytes)
        } else {
            guard body.count + bytes.count <= Connection.bodyLimit else { return 0 }
            body.append(contentsOf: bytes)
        }
        return bytes.count
    }
}
