import Engine

/// Where a disk's regions are computed, and the token that lets us in: what Prism Central answers to discover-cluster.
struct ElementPass: Sendable {
    let address: String
    let token: String
    /// `/api/dataprotection/v4.0/content`: the path the token was made for.
    let basePath: String
    let obtained = ContinuousClock.now

    /// Tokens live for a quarter of an hour; a new one is taken well before.
    var isFresh: Bool { .now - obtained < .seconds(600) }

    /// - Throws: `failed` if the answer does not say where to go.
    init(_ reply: PrismReply) throws(PrismError) {
        guard let address = reply.data?["clusterIp"]?.address, let token = reply.data?["jwtToken"]?.string,
            !token.isEmpty, token.utf8.allSatisfy({ $0 > 32 && $0 < 127 && $0 != UInt8(ascii: ";") })
        else { throw PrismError(.failed, "Prism did not say where the changed regions are computed") }
        self.address = address
        self.token = token
        basePath = Self.scope(of: token) ?? Self.link(in: reply) ?? "/api/dataprotection/v4.0/content"
    }

    private static func scope(of token: String) -> String? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let bytes = Base64.decode(parts[1]), let claims = try? JSONReader.parse(bytes) else {
            return nil
        }
        return claims["scope"]?.string.flatMap { checked(Substring($0)) }
    }

    private static func link(in reply: PrismReply) -> String? {
        for link in reply.metadata?["links"]?.array ?? [] {
            let parts = (link["href"]?.string ?? "").split(separator: "/", omittingEmptySubsequences: false)
            guard let api = parts.firstIndex(of: "api") else { continue }
            let found = [""] + parts[api...].prefix(4)
            if let base = checked(Substring(found.joined(separator: "/"))) { return base }
        }
        return nil
    }

    /// The path if it has exactly the form that a base path has.
    private static func checked(_ path: Substring) -> String? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].isEmpty, parts[1] == "api", parts[2] == "dataprotection",
            APIVersion(String(parts[3])) != nil, parts[4] == "content"
        else { return nil }
        return String(path)
    }
}
