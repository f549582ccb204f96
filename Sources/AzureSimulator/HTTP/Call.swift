/// The head of one request, taken apart.
struct Call: Sendable {
    var method: String
    /// The path as it came, percent-encoded: this is what signatures are over.
    var rawPath: String
    var account: String
    var container: String?
    var blob: BlobName?
    /// Query parameters, decoded, in their order.
    var query: [(name: String, value: String)]
    /// Header fields by lower-case name; fields that came twice are joined.
    var headers: [String: String]
    var isTLS = false
    /// `http://address:port` as the client named it.
    var origin = ""
    /// The address of the client, without port.
    var peer = "127.0.0.1"
    /// `x-ms-request-id` of the answer.
    var id = ""

    subscript(_ header: String) -> String? { headers[header] }

    func parameter(_ name: String) -> String? { query.first { $0.name == name }?.value }

    /// Takes a request target apart; nil when an escape is broken.
    ///
    /// - Parameter target: path and query as they came.
    init?(method: String, target: String, headers: [String: String]) {
        let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let query = halves.count > 1 ? Percent.pairs(halves[1]) : [], halves[0].first == "/" else { return nil }
        let pieces = halves[0].dropFirst().split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard let account = Percent.decode(pieces[0]) else { return nil }
        self.method = method
        rawPath = String(halves[0])
        self.account = account
        self.query = query
        self.headers = headers
        if pieces.count > 1, !pieces[1].isEmpty {
            guard let name = Percent.decode(pieces[1]) else { return nil }
            container = name
        }
        if pieces.count > 2, !pieces[2].isEmpty {
            guard container != nil, let name = Percent.decode(pieces[2]) else { return nil }
            blob = BlobName(name)
        }
    }
}
