import Glibc

/// A TCP connection that never blocks; closed when it is let go of.
final class SSHSocket {
    let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Connects to the first address of the host that answers.
    /// - Throws: `unreachable`, `timedOut`.
    static func connect(host: String, port: Int, until deadline: ContinuousClock.Instant) throws(WireError) -> SSHSocket
    {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0, let list else {
            throw WireError(.unreachable, "\(host) has no address: \(String(cString: gai_strerror(code)))")
        }
        defer { freeaddrinfo(list) }
        var failure = WireError(.unreachable, "\(host) has no address")
        var next: UnsafeMutablePointer<addrinfo>? = list
        while let address = next {
            do throws(WireError) {
                return try connect(to: address.pointee, "\(host):\(port)", until: deadline)
            } catch {
                failure = error
            }
            next = address.pointee.ai_next
        }
        throw failure
    }

    private static func connect(
        to address: addrinfo, _ name: String, until deadline: ContinuousClock.Instant
    ) throws(WireError) -> SSHSocket {
        let type = address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = Glibc.socket(address.ai_family, type, address.ai_protocol)
        guard descriptor >= 0 else { throw unreachable(name, errno) }
        let socket = SSHSocket(descriptor)
        if Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen) != 0 {
            guard errno == EINPROGRESS else { throw unreachable(name, errno) }
            guard socket.wait(for: Int16(POLLOUT), until: deadline) else {
                throw WireError(.timedOut, "\(name) did not take the connection in time")
            }
            let code = socket.option(SOL_SOCKET, SO_ERROR)
            guard code == 0 else { throw unreachable(name, code) }
        }
        socket.set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        socket.set(SOL_SOCKET, SO_KEEPALIVE, 1)
        socket.set(Int32(IPPROTO_TCP), TCP_KEEPIDLE, 30)
        socket.set(Int32(IPPROTO_TCP), TCP_KEEPINTVL, 15)
        return socket
    }

    /// Whether one of `events` came about in time.
    func wait(for events: Int16, until deadline: ContinuousClock.Instant) -> Bool {
        var request = pollfd(fd: descriptor, events: events, revents: 0)
        while true {
            let left = ContinuousClock.now.duration(to: deadline).components
            let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000
            let count = poll(&request, 1, Int32(clamping: max(0, milliseconds)))
            if count > 0 { return true }
            if count == 0 || errno != EINTR { return false }
        }
    }

    /// Whether the peer has ended the connection, or the network has.
    var isEnded: Bool {
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK))
        return count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)
    }

    /// Whether the peer has sent something, or its end, that nobody has read.
    var hasNews: Bool { wait(for: Int16(POLLIN), until: .now) }

    private func set(_ level: Int32, _ name: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private func option(_ level: Int32, _ name: Int32) -> Int32 {
        var value: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, level, name, &value, &size) == 0 ? value : errno
    }

    private static func unreachable(_ name: String, _ code: Int32) -> WireError {
        let isRefused = code == ECONNREFUSED
        return WireError(
            .unreachable,
            "cannot connect to \(name): \(String(cString: strerror(code)))"
                + (isRefused ? "; is an SSH server running there, and is the port right?" : ""))
    }
}
