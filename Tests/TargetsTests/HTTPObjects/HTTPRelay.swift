import Foundation
import Synchronization

/// Stands between a client and a real server, or alone, and misbehaves as it is told: each fault is used up by the
/// requests that it fits, everything else is passed on.
final class HTTPRelay: Sendable {
    enum Fault: Sendable {
        /// Answers itself, without asking the server.
        case answer(Int, headers: [String] = [], body: String = "")
        /// Reads so many bytes of the request's body and closes; the server hears nothing.
        case cutRequest(after: Int)
        /// The server carries the request out, and its answer is lost.
        case loseReply
        /// So many bytes of the answer arrive, headers included.
        case cutReply(after: Int)
        /// The answer never comes, and the connection stays.
        case hang
    }

    struct Rule: Sendable {
        let method: String
        /// What the address has to have in it.
        let part: String
        let fault: Fault
        var times: Int

        init(_ method: String, _ part: String = "", _ fault: Fault, times: Int = 1) {
            self.method = method
            self.part = part
            self.fault = fault
            self.times = times
        }
    }

    struct Request: Sendable {
        let method: String
        let address: String
        let head: String
        let body: [UInt8]
    }

    private struct State {
        var rules: [Rule] = []
        var requests: [Request] = []
        var connections = 0
    }

    private let state = Mutex(State())
    private let listener: LoopbackSocket
    private let upstream: Int?
    let port: Int

    /// - Parameters: the server's port, nil to answer alone; the port to listen on, 0 for any.
    init(to upstream: Int?, port: Int = 0, _ rules: [Rule] = []) throws {
        self.upstream = upstream
        listener = try LoopbackSocket()
        try listener.bind(port: port)
        try listener.listen()
        self.port = try listener.port
        state.withLock { $0.rules = rules }
        let listener = listener
        Thread.detachNewThread { [weak self] in
            while let client = listener.accept() {
                guard let relay = self else { return }
                Thread.detachNewThread { relay.serve(client) }
            }
        }
    }

    deinit { listener.stop() }

    func stop() { listener.stop() }

    var endpoint: String { "http://127.0.0.1:\(port)" }

    func add(_ rule: Rule) { state.withLock { $0.rules.append(rule) } }

    /// What has arrived so far.
    var requests: [Request] { state.withLock { $0.requests } }

    /// How many connections have come so far.
    var connections: Int { state.withLock { $0.connections } }

    /// How many requests of this method had this in their address.
    func count(_ method: String, _ part: String = "") -> Int {
        requests.count { $0.method == method && (part.isEmpty || $0.address.contains(part)) }
    }

    private func fault(for method: String, _ address: String) -> Fault? {
        state.withLock { state in
            for index in state.rules.indices {
                let rule = state.rules[index]
                guard rule.times > 0, rule.method == method, rule.part.isEmpty || address.contains(rule.part) else {
                    continue
                }
                state.rules[index].times -= 1
                return rule.fault
            }
            return nil
        }
    }

    /// What it answers itself leaves the connection open for the next request, everything else ends it.
    private func serve(_ client: LoopbackSocket) {
        state.withLock { $0.connections += 1 }
        while let (request, fault) = next(client) {
            if let request { state.withLock { $0.requests.append(request) } }
            guard let request, reply(to: request, client, fault) else { return }
        }
    }

    /// The next request; without one when it was cut, nil at the end.
    private func next(_ client: LoopbackSocket) -> (Request?, Fault?)? {
        var bytes: [UInt8] = []
        let end = Array("\r\n\r\n".utf8)
        var split = bytes[...].firstRange(of: end)
        while split == nil {
            let more = client.read()
            guard !more.isEmpty else { return nil }
            bytes += more
            split = bytes[...].firstRange(of: end)
        }
        guard let split else { return nil }
        let head = String(decoding: bytes[..<split.lowerBound], as: UTF8.self)
        let lines = head.components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ").map(String.init)
        guard words.count == 3 else { return nil }
        let length =
            lines.first { $0.lowercased().hasPrefix("content-length:") }
            .flatMap { Int($0.dropFirst(15).filter { !$0.isWhitespace }) } ?? 0
        var body = Array(bytes[split.upperBound...])
        let fault = fault(for: words[0], words[1])
        var wanted = length
        if case .cutRequest(let count) = fault { wanted = min(count, length) }
        while body.count < wanted {
            let more = client.read()
            guard !more.isEmpty else { return nil }
            body += more
        }
        if case .cutRequest = fault { return (nil, fault) }
        return (Request(method: words[0], address: words[1], head: head, body: body), fault)
    }

    /// - Returns: whether the connection stays.
    private func reply(to request: Request, _ client: LoopbackSocket, _ fault: Fault?) -> Bool {
        switch fault {
        case .answer(let status, let headers, let body):
            let date = headers.contains { $0.hasPrefix("Date:") } ? [] : ["Date: \(Self.date)"]
            let lines =
                ["HTTP/1.1 \(status) X"] + (status == 204 ? [] : ["Content-Length: \(body.utf8.count)"]) + date
                + headers
            client.write(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
            if request.method != "HEAD" { client.write(Array(body.utf8)) }
            return true
        case .loseReply: _ = pass(request)
        case .hang:
            _ = pass(request)
            while !client.read().isEmpty {}
        case .cutReply(let count): client.write(pass(request).prefix(count))
        case .cutRequest, nil: client.write(pass(request))
        }
        return false
    }

    /// What the server answers.
    private func pass(_ request: Request) -> [UInt8] {
        let refusal = Array("HTTP/1.1 404 X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8)
        guard let upstream else { return refusal }
        guard let server = try? LoopbackSocket(), server.connect(port: upstream) else { return [] }
        server.write(Array((request.head + "\r\nConnection: close\r\n\r\n").utf8))
        server.write(request.body)
        var answer: [UInt8] = []
        while true {
            let more = server.read()
            if more.isEmpty { return answer }
            answer += more
        }
    }

    private static var date: String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.string(from: Date())
    }
}
