import Glibc

/// An agent that keeps private keys and signs with them (draft-miller-ssh-agent).
final class SSHAgent {
    private let descriptor: Int32
    private let path: String
    private static let mostBytes = 256 << 10

    private enum Message {
        static let listKeys: UInt8 = 11
        static let keys: UInt8 = 12
        static let sign: UInt8 = 13
        static let signature: UInt8 = 14
    }

    /// Connects; waits at most ten seconds for each answer.
    /// - Throws: `configuration` when nothing listens there.
    init(socket path: String) throws(WireError) {
        self.path = path
        descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let letters = Array(path.utf8)
        let hasRoom = withUnsafeMutableBytes(of: &address.sun_path) { space in
            guard letters.count < space.count else { return false }
            space.copyBytes(from: letters)
            return true
        }
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard hasRoom, code == 0 else {
            throw WireError(
                .configuration,
                "no agent answers at \(path): \(String(cString: strerror(hasRoom ? errno : ENAMETOOLONG)))")
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The public keys it has, as they travel on the wire.
    func keys() throws(WireError) -> [SSHHostKey] {
        var reply = try ask([Message.listKeys], expecting: Message.keys)
        var keys: [SSHHostKey] = []
        for _ in 0..<(try reply.number()) {
            keys.append(SSHHostKey(blob: try reply.bytes()))
            _ = try reply.bytes()
        }
        return keys
    }

    /// A signature, without the name of its algorithm. `flags` choose the hash of RSA: 2 for SHA-256.
    func sign(_ data: UnsafeRawBufferPointer, with key: SSHHostKey, flags: UInt32) throws(WireError) -> [UInt8] {
        var request = WireWriter(type: Message.sign)
        request.append(key.blob)
        request.append(Array(data))
        request.append(flags)
        var reply = try ask(request.bytes, expecting: Message.signature)
        var signature = WireReader(try reply.bytes(), from: "the agent at \(path)")
        _ = try signature.bytes()
        return try signature.bytes()
    }

    private func ask(_ request: [UInt8], expecting type: UInt8) throws(WireError) -> WireReader {
        var message = WireWriter()
        message.append(request)
        var sent = 0
        while sent < message.bytes.count {
            let count = message.bytes[sent...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw WireError(.configuration, "the agent at \(path) does not answer") }
            sent += count
        }
        let head = try read(4)
        let length = head.reduce(0) { $0 << 8 | Int($1) }
        guard length >= 1, length <= Self.mostBytes else {
            throw WireError(.protocolViolation, "the agent at \(path) answers nonsense")
        }
        let body = try read(length)
        guard body[0] == type else { throw WireError(.denied, "the agent at \(path) refuses: is it locked?") }
        return WireReader(Array(body.dropFirst()), from: "the agent at \(path)")
    }

    private func read(_ count: Int) throws(WireError) -> [UInt8] {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: count)
        while bytes.count < count {
            let got = recv(descriptor, &part, count - bytes.count, 0)
            guard got > 0 else { throw WireError(.configuration, "the agent at \(path) does not answer") }
            bytes += part[..<got]
        }
        return bytes
    }
}
