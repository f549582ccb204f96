import Engine
import Foundation
import Glibc
import Synchronization

/// Passes connections on to a port of loopback, and cuts each of the first ones after so many bytes.
final class SSHRelay: Sendable {
    let port: Int
    private let server: Int
    private let listener: Int32
    private let cuts: Mutex<[Int]>
    private let open = Mutex<[RelayedConnection]>([])
    private let accepted = Mutex(0)

    /// - Parameters: `cuts` has a number of bytes, of both directions together, for each connection that is to be cut.
    init(to server: Int, cuts: [Int]) throws {
        self.server = server
        self.cuts = Mutex(cuts)
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        port = try SSHServer.bindToLoopback(listener)
        guard listen(listener, 64) == 0 else { throw EngineError.system("listen", "on loopback") }
        let (listener, serve) = (listener, self.serveOne)
        Thread.detachNewThread {
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                serve(client)
            }
        }
    }

    /// Ends the listening and all connections.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        for connection in open.withLock({ $0 }) { connection.cut() }
    }

    /// Cuts the connections that there are.
    func stopConnections() { for connection in open.withLock({ $0 }) { connection.cut() } }

    /// How many connections came.
    var connections: Int { accepted.withLock { $0 } }

    /// Cuts the connections that come from now on.
    func cutNext(_ more: [Int]) { cuts.withLock { $0 += more } }

    private func serveOne(_ client: Int32) {
        accepted.withLock { $0 += 1 }
        let most = cuts.withLock { $0.isEmpty ? Int.max : $0.removeFirst() }
        guard let peer = SSHServer.connect(server) else {
            close(client)
            return
        }
        let connection = RelayedConnection(client, peer, most: most)
        open.withLock { $0.append(connection) }
        for (from, to) in [(client, peer), (peer, client)] {
            Thread.detachNewThread { connection.pump(from, to) }
        }
    }
}

/// Two sockets that are passed into each other; closed when both directions have ended.
private final class RelayedConnection: Sendable {
    private let ends: [Int32]
    private let left: Mutex<Int>

    init(_ client: Int32, _ server: Int32, most: Int) {
        ends = [client, server]
        left = Mutex(most)
    }

    deinit { for end in ends { close(end) } }

    func cut() { for end in ends { shutdown(end, Int32(SHUT_RDWR)) } }

    func pump(_ from: Int32, _ to: Int32) {
        var bytes = [UInt8](repeating: 0, count: 16 << 10)
        defer { cut() }
        while true {
            let count = recv(from, &bytes, bytes.count, 0)
            guard count > 0 else { return }
            let allowed = left.withLock { left in
                let allowed = min(left, count)
                left -= allowed
                return allowed
            }
            var sent = 0
            while sent < allowed {
                let done = bytes[sent..<allowed].withUnsafeBytes {
                    send(to, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard done > 0 else { return }
                sent += done
            }
            guard allowed == count else { return }
        }
    }
}
