package import Engine

/// The address of a store: scheme, host, port and the path that all requests start with.
package struct HTTPAddress: Sendable, Equatable {
    package let isSecure: Bool
    package let host: String
    /// nil when it is the scheme's own.
    package let port: Int?
    /// Empty, or `/` and more, without a slash at its end.
    package let path: String

    /// Reads `https://host[:port][/path]`.
    /// - Throws: `.configuration` naming `key`.
    package init(_ text: String, key: String) throws(EngineError) {
        func wrong(_ what: String) -> EngineError {
            EngineError(.configuration, "`\(key)`: \(what); write https://HOST[:PORT]")
        }
        let rest: Substring
        if text.hasPrefix("https://") {
            (isSecure, rest) = (true, text.dropFirst(8))
        } else if text.hasPrefix("http://") {
            (isSecure, rest) = (false, text.dropFirst(7))
        } else {
            throw wrong("`\(text)` does not start with https:// or http://")
        }
        guard !rest.contains(where: { $0 == "?" || $0 == "#" || $0 == "@" || $0.isWhitespace }) else {
            throw wrong("an address has no user, query or white space")
        }
        let authority = rest.prefix { $0 != "/" }
        var path = String(rest.dropFirst(authority.count))
        while path.hasSuffix("/") { path.removeLast() }
        self.path = path
        let isBracketed = authority.hasPrefix("[")
        guard let colon = authority.lastIndex(of: ":"), !isBracketed || authority[..<colon].hasSuffix("]") else {
            guard !authority.isEmpty else { throw wrong("the host is missing") }
            (host, port) = (authority.lowercased(), nil)
            return
        }
        guard let number = Int(authority[authority.index(after: colon)...]), (1...65535).contains(number) else {
            throw wrong("`\(authority)` has no valid port")
        }
        guard colon > authority.startIndex else { throw wrong("the host is missing") }
        host = authority[..<colon].lowercased()
        port = number == (isSecure ? 443 : 80) ? nil : number
    }

    private init(isSecure: Bool, host: String, port: Int?, path: String) {
        self.isSecure = isSecure
        self.host = host
        self.port = port
        self.path = path
    }

    /// The same address with `label` before its host.
    package func under(_ label: String) -> HTTPAddress {
        HTTPAddress(isSecure: isSecure, host: label + "." + host, port: port, path: path)
    }

    /// What curl sends as `Host`.
    package var authority: String { port.map { "\(host):\($0)" } ?? host }

    /// Scheme, host and port.
    package var origin: String { (isSecure ? "https://" : "http://") + authority }

    /// Whether it is this machine, where nobody listens on the way.
    package var isLoopback: Bool { host == "localhost" || host == "[::1]" || host.hasPrefix("127.") }
}
