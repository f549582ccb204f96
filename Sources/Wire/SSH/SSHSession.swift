import CSSH2
import Glibc

/// An SSH connection whose host is recognized and whose user is logged in.
///
/// Used by one thread at a time. Calls block, none longer than its limit. After an error that is no plain answer of the
/// server the connection is of no more use, and is closed when it is let go of.
final class SSHSession {
    let endpoint: SSHEndpoint
    let handle: OpaquePointer
    let socket: SSHSocket
    /// Whom messages name: `host:port`.
    let name: String

    /// Whether keys are agreed upon: before, libssh2 cannot say farewell.
    private var isEncrypted = false

    private static let isReady = cssh2_init() == 0

    /// Connects, recognizes the host and logs in.
    /// - Throws: `unreachable`, `timedOut`, `untrusted` for a host key that is unknown or another, `denied` for
    ///   credentials that are not accepted, `configuration` for files that cannot be used, `connectionLost`,
    ///   `protocolViolation`.
    static func open(_ endpoint: SSHEndpoint) throws(WireError) -> SSHSession {
        let session = try SSHHandshake(endpoint).session()
        try session.logIn(until: .now + endpoint.limits.connect)
        return session
    }

    init(_ endpoint: SSHEndpoint, _ socket: SSHSocket) throws(WireError) {
        guard Self.isReady, let handle = cssh2_session(nil) else {
            throw WireError(.configuration, "libssh2 cannot be set up")
        }
        self.endpoint = endpoint
        self.socket = socket
        self.handle = handle
        name = "\(endpoint.host):\(endpoint.port)"
        libssh2_session_set_blocking(handle, 0)
        libssh2_keepalive_config(handle, 0, UInt32(max(2, endpoint.limits.keepAlive.components.seconds)))
    }

    deinit {
        if isEncrypted { cssh2_disconnect(handle) }
        // From here on nothing can be waited for, so that freeing does not wait for the server's farewell either.
        shutdown(socket.descriptor, Int32(SHUT_RDWR))
        var tries = 0
        while libssh2_session_free(handle) == cssh2_again, tries < 100 { tries += 1 }
    }

    /// Agrees upon keys; the host is still to be recognized. Returns libssh2's code.
    func shakeHands(until deadline: ContinuousClock.Instant) throws(WireError) -> Int32 {
        let code = try patiently(until: deadline) { libssh2_session_handshake(handle, socket.descriptor) }
        isEncrypted = code == 0
        return code
    }

    /// Asks for the first of these algorithms that the server has; false when libssh2 has none of them.
    ///
    /// libssh2 up to 1.10 mangles a list with names that it does not know, so it gets none.
    func prefer(_ names: [String], for method: Int32) -> Bool {
        var list: UnsafeMutablePointer<UnsafePointer<CChar>?>?
        let count = libssh2_session_supported_algs(handle, method, &list)
        guard count > 0, let list else { return false }
        defer { libssh2_free(handle, list) }
        let supported = Set((0..<Int(count)).compactMap { index in list[index].map { String(cString: $0) } })
        let known = names.filter(supported.contains)
        return !known.isEmpty && libssh2_session_method_pref(handle, method, known.joined(separator: ",")) == 0
    }

    // MARK: Calls that wait

    /// Repeats a call of libssh2 until it does not ask for patience any more; returns what it returned.
    /// - Throws: `timedOut`, `connectionLost`.
    func patiently(until deadline: ContinuousClock.Instant, _ call: () -> Int32) throws(WireError) -> Int32 {
        while true {
            let code = call()
            guard code == cssh2_again else { return code }
            try wait(until: deadline)
        }
    }

    /// The same for a call that makes something, and returns nil when it cannot.
    func patiently(
        until deadline: ContinuousClock.Instant, making call: () -> OpaquePointer?
    ) throws(WireError) -> OpaquePointer? {
        while true {
            if let made = call() { return made }
            guard libssh2_session_last_errno(handle) == cssh2_again else { return nil }
            try wait(until: deadline)
        }
    }

    /// The moment by which the next byte has to come.
    var answerDeadline: ContinuousClock.Instant { .now + endpoint.limits.answer }

    /// Waits until the socket is ready for what libssh2 wants to do with it.
    func wait(until deadline: ContinuousClock.Instant) throws(WireError) {
        let directions = libssh2_session_block_directions(handle)
        var events = Int16(POLLIN)
        if directions & cssh2_outbound != 0 { events |= Int16(POLLOUT) }
        while true {
            let pause = min(deadline, .now + endpoint.limits.keepAlive)
            if socket.wait(for: events, until: pause) { return }
            guard ContinuousClock.now < deadline else {
                throw WireError(.timedOut, "\(name) did not answer within the time limit")
            }
            // In the middle of sending, nothing else may be sent.
            guard directions & cssh2_outbound == 0 else { continue }
            var next: Int32 = 0
            if libssh2_keepalive_send(handle, &next) != 0 { throw failure("the connection is dead") }
        }
    }

    // MARK: Errors

    /// What libssh2 says of its last failure.
    var lastMessage: String {
        var text: UnsafeMutablePointer<CChar>?
        var length: Int32 = 0
        libssh2_session_last_error(handle, &text, &length, 0)
        return text.map { String(cString: $0) } ?? "no reason given"
    }

    /// The last failure as an error of a connection that worked before.
    func failure(_ what: String) -> WireError {
        switch libssh2_session_last_errno(handle) {
        case LIBSSH2_ERROR_TIMEOUT, LIBSSH2_ERROR_SOCKET_TIMEOUT:
            WireError(.timedOut, "\(name): \(what): \(lastMessage)")
        case LIBSSH2_ERROR_ALLOC, LIBSSH2_ERROR_BAD_USE, LIBSSH2_ERROR_INVAL:
            WireError(.protocolViolation, "\(name): \(what): \(lastMessage)")
        default: WireError(.connectionLost, "\(name): \(what): \(lastMessage)")
        }
    }
}
