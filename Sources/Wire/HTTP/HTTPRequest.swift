/// One HTTP request, as a value.
package struct HTTPRequest: Sendable {
    package var method: String
    /// An absolute `https` or `http` address; its path and query are sent as they are written.
    package var url: String
    package var headers: [HTTPHeader]
    package var body: [UInt8]
    /// Sent instead of `body`, without being copied.
    package var memory: BorrowedBytes?
    /// Where the body of a successful reply (2xx) goes instead of `HTTPReply.body`; a longer one is `tooLarge`.
    package var space: BorrowedSpace?
    /// Limit for name lookup, connection and TLS handshake together.
    package var connectTimeout: Duration
    /// Limit for the whole exchange.
    package var timeout: Duration
    /// How long not a byte may move, in whole seconds, before the exchange ends as `timedOut`; nil for no such limit.
    package var stall: Duration?
    /// A reply with a longer body is refused as `tooLarge`.
    package var maximumReplyBytes: Int

    package init(
        method: String,
        url: String,
        headers: [HTTPHeader] = [],
        body: [UInt8] = [],
        connectTimeout: Duration = .seconds(15),
        timeout: Duration = .seconds(60),
        maximumReplyBytes: Int = 64 << 20
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.memory = nil
        self.space = nil
        self.stall = nil
        self.connectTimeout = connectTimeout
        self.timeout = timeout
        self.maximumReplyBytes = maximumReplyBytes
    }

    /// The address without its query, for messages.
    var place: String { String(url.prefix { $0 != "?" }) }
}

/// One header line. Names compare without regard to case.
package struct HTTPHeader: Sendable, Equatable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}
