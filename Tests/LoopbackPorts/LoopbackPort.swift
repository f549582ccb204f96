import Glibc
import Synchronization

/// Ports of loopback for servers that cannot choose one themselves.
///
/// They lie below those that the kernel gives to clients and to whoever asks for any port, so that nobody takes one
/// between its choice and its use.
package enum LoopbackPort {
    /// The kernel's own begin at 32,768.
    private static let range = 15_000..<32_000
    private static let steps = Atomic(Int.random(in: 0..<range.count))

    /// A port that nobody listens on. No two calls of one process give the same.
    package static func unused() throws -> Int {
        for _ in range {
            let step = steps.wrappingAdd(1, ordering: .relaxed).oldValue
            let port = range.lowerBound + step % range.count
            if isUnused(port) { return port }
        }
        throw NoPort()
    }

    /// Every port is taken.
    package struct NoPort: Error {}

    private static func isUnused(_ port: Int) -> Bool {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard listener >= 0 else { return false }
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
