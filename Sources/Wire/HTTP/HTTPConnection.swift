import CCurl

/// One curl handle with the connections it keeps.
// Proof of @unchecked Sendable: taken out of the client's pool under its lock, so one transfer at a time owns it.
final class HTTPConnection: @unchecked Sendable {
    private let curl: UnsafeMutableRawPointer
    private let trust: TLSTrust
    private let pins: PinnedCertificates?

    init(trust: TLSTrust) throws(WireError) {
        guard Self.isLibraryReady, let curl = curl_easy_init() else {
            throw WireError(.unreachable, "the HTTP library could not be started: is memory exhausted?")
        }
        self.curl = curl
        self.trust = trust
        if case .pinned(let fingerprints) = trust {
            pins = PinnedCertificates(fingerprints)
        } else {
            pins = nil
        }
    }

    deinit { curl_easy_cleanup(curl) }

    /// What curl moves at once, in bytes, when bodies are large.
    private static let largeBuffer = 256 << 10

    private static let isLibraryReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    /// Runs one exchange to its end. Blocks.
    func perform(_ request: HTTPRequest, _ cancellation: Cancellation) throws(WireError) -> HTTPReply {
        if cancellation.isRequested { throw WireError(.cancelled, "the request to \(request.place) was cancelled") }
        curl_easy_reset(curl)
        let transfer = HTTPTransfer(request, cancellation)
        let list = try HeaderList(request.headers, for: request)
        try set(request, transfer, list)
        let code =
            if let memory = request.memory {
                exchange(memory.bytes, isSent: true)
            } else {
                request.body.withUnsafeBytes { body in
                    exchange(body, isSent: !body.isEmpty || request.method == "POST" || request.method == "PUT")
                }
            }
        withExtendedLifetime((transfer, list, request)) {}
        if code != CURLE_OK { throw error(code, request, transfer) }
        return transfer.reply
    }

    /// The exchange itself, with a body that curl reads where it lies. An empty one is told by its length.
    private func exchange(_ body: UnsafeRawBufferPointer, isSent: Bool) -> CURLcode {
        guard isSent else { return curl_easy_perform(curl) }
        var empty = CChar(0)
        let size = ccurl_set_offset(curl, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
        guard size == CURLE_OK else { return size }
        return withUnsafeMutablePointer(to: &empty) { empty in
            let start = body.baseAddress.map { UnsafeMutableRawPointer(mutating: $0) }
            let code = ccurl_set_pointer(curl, CURLOPT_POSTFIELDS, start ?? UnsafeMutableRawPointer(empty))
            return code == CURLE_OK ? curl_easy_perform(curl) : code
        }
    }

    private func set(_ request: HTTPRequest, _ transfer: HTTPTransfer, _ list: HeaderList) throws(WireError) {
        let context = Unmanaged.passUnretained(transfer).toOpaque()
        var codes = [
            ccurl_set_string(curl, CURLOPT_URL, request.url),
            ccurl_set_string(curl, CURLOPT_PROTOCOLS_STR, "https,http"),
            ccurl_set_string(curl, CURLOPT_PROXY, ""),
            ccurl_set_string(curl, CURLOPT_NOPROXY, "*"),
            ccurl_set_long(curl, CURLOPT_NOSIGNAL, 1),
            ccurl_set_long(curl, CURLOPT_FOLLOWLOCATION, 0),
            ccurl_set_long(curl, CURLOPT_PATH_AS_IS, 1),
            ccurl_set_long(curl, CURLOPT_TCP_KEEPALIVE, 1),
            ccurl_set_long(curl, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)),
            ccurl_set_long(curl, CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.milliseconds),
            ccurl_set_long(curl, CURLOPT_TIMEOUT_MS, request.timeout.milliseconds),
            ccurl_set_headers(curl, list.first),
            ccurl_set_body_sink(curl, HTTPTransfer.takeBody, context),
            ccurl_set_header_sink(curl, HTTPTransfer.takeHeader, context),
            ccurl_set_progress(curl, HTTPTransfer.shouldStop, context),
        ]
        if let stall = request.stall {
            codes.append(ccurl_set_long(curl, CURLOPT_LOW_SPEED_LIMIT, 1))
            codes.append(ccurl_set_long(curl, CURLOPT_LOW_SPEED_TIME, max(1, stall.milliseconds / 1000)))
        }
        if request.memory != nil || request.space != nil {
            codes.append(ccurl_set_long(curl, CURLOPT_BUFFERSIZE, Self.largeBuffer))
            codes.append(ccurl_set_long(curl, CURLOPT_UPLOAD_BUFFERSIZE, Self.largeBuffer))
        }
        if request.method == "HEAD" { codes.append(ccurl_set_long(curl, CURLOPT_NOBODY, 1)) }
        codes.append(ccurl_set_string(curl, CURLOPT_CUSTOMREQUEST, request.method))
        codes += trustCodes
        if let code = codes.first(where: { $0 != CURLE_OK }) {
            throw WireError(.configuration, "the request to \(request.place) cannot be prepared: \(Self.text(code))")
        }
    }

    private var trustCodes: [CURLcode] {
        switch trust {
        case .pinned:
            return [pins.map { ccurl_set_pins(curl, $0.pointer) } ?? CURLE_SSL_CERTPROBLEM]
        case .authorities(let file):
            return verifyChain + [
                ccurl_set_string(curl, CURLOPT_CAINFO, file), ccurl_set_pointer(curl, CURLOPT_CAPATH, nil),
            ]
        case .systemAuthorities:
            return verifyChain
        }
    }

    private var verifyChain: [CURLcode] {
        [ccurl_set_long(curl, CURLOPT_SSL_VERIFYPEER, 1), ccurl_set_long(curl, CURLOPT_SSL_VERIFYHOST, 2)]
    }

    private static func text(_ code: CURLcode) -> String { String(cString: curl_easy_strerror(code)) }

    private func error(_ code: CURLcode, _ request: HTTPRequest, _ transfer: HTTPTransfer) -> WireError {
        if transfer.isTooLarge {
            let limit = request.space?.room.count ?? request.maximumReplyBytes
            return WireError(.tooLarge, "the reply of \(request.place) is longer than \(limit) bytes")
        }
        let reason = "\(request.place): \(Self.text(code))"
        switch code {
        case CURLE_ABORTED_BY_CALLBACK:
            return WireError(.cancelled, "the request to \(request.place) was cancelled")
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT:
            return WireError(.unreachable, "\(reason): is the address right, and is the server up?")
        case CURLE_OPERATION_TIMEDOUT:
            return WireError(.timedOut, "\(request.place) did not answer in time")
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR:
            return tlsError(reason, request)
        case CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM, CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL:
            return WireError(.configuration, reason)
        case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE:
            return WireError(.connectionLost, reason)
        default:
            return WireError(.protocolViolation, reason)
        }
    }

    private func tlsError(_ reason: String, _ request: HTTPRequest) -> WireError {
        guard let pins else {
            let isRefused = reason.hasSuffix(Self.text(CURLE_PEER_FAILED_VERIFICATION))
            return isRefused
                ? WireError(.untrusted(seen: nil), "\(reason): the certificate is not one the CA file vouches for")
                : WireError(.connectionLost, reason)
        }
        guard pins.isRefused, let seen = pins.seen else { return WireError(.connectionLost, reason) }
        return WireError(
            .untrusted(seen: seen),
            "\(request.place) showed the certificate \(seen), which is not the pinned one: if that is the server's own "
                + "new certificate, put its fingerprint into the configuration")
    }
}

extension Duration {
    /// Whole milliseconds, at least 1 and at most what a 32-bit number holds.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        let (product, isOver) = seconds.multipliedReportingOverflow(by: 1000)
        return isOver
            ? Int(Int32.max) : Int(min(max(1, product + attoseconds / 1_000_000_000_000_000), Int64(Int32.max)))
    }
}
