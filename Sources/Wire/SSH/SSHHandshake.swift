import CSSH2

/// Connects and makes sure that the server is the one that is meant.
///
/// A server shows one key, of the type that is asked for. So what is asked for is what a known_hosts file holds; where
/// there is a fingerprint only, which does not tell its type, one type after the other is tried.
struct SSHHandshake {
    private let endpoint: SSHEndpoint
    private let known: KnownHosts?

    init(_ endpoint: SSHEndpoint) throws(WireError) {
        self.endpoint = endpoint
        guard case .knownHosts(let files) = endpoint.trust else {
            known = nil
            return
        }
        let exact = try KnownHosts(files: files, name: endpoint.knownName)
        // As OpenSSH does: a line without port counts for all ports of which there is no line.
        known = exact.keys.isEmpty && endpoint.port != 22 ? try KnownHosts(files: files, name: endpoint.host) : exact
    }

    /// A session that is encrypted, with a host that is recognized, and nobody logged in.
    func session() throws(WireError) -> SSHSession {
        guard let known else { return try pinned() }
        let held = SSHHostKeyTypes.all.filter { type in known.keys.contains { $0.type == type } }
        guard let session = try connect(held.isEmpty ? SSHHostKeyTypes.all : held) else {
            throw WireError(
                .untrusted(seen: nil),
                "\(endpoint.host):\(endpoint.port) has no host key of the types that known_hosts holds for it "
                    + "(\(held.joined(separator: ", "))): add the key it has, " + advice)
        }
        let key = try shown(by: session)
        guard !known.revoked.contains(key) else {
            throw refused(key, "is marked as revoked in known_hosts: somebody else may have it")
        }
        if known.keys.contains(key) { return session }
        guard held.isEmpty else {
            throw refused(
                key,
                "is not the one in known_hosts: somebody may stand between, or the server was installed anew; "
                    + "in that case replace its line, " + advice)
        }
        throw refused(key, "is not in known_hosts: add it, " + advice)
    }

    private func pinned() throws(WireError) -> SSHSession {
        guard case .fingerprints(let pins) = endpoint.trust else {
            throw WireError(.configuration, "no way to recognize \(endpoint.host) is given")
        }
        var seen: SSHHostKey?
        for type in SSHHostKeyTypes.all {
            guard let session = try connect([type]) else { continue }
            let key = try shown(by: session)
            if pins.contains(key.fingerprint) { return session }
            seen = seen ?? key
        }
        guard let seen else {
            throw WireError(
                .untrusted(seen: nil), "\(endpoint.host):\(endpoint.port) has no host key of a type that is known here")
        }
        throw refused(
            seen,
            "has another fingerprint than the one that is set: somebody may stand between, or the server was "
                + "installed anew; in that case set the new one, " + advice)
    }

    private var advice: String {
        "once it is the same as `ssh-keygen -lf` prints for the server's key files on the server itself"
            + " (`ssh-keyscan -p \(endpoint.port) \(endpoint.host)` prints lines for known_hosts)"
    }

    private func refused(_ key: SSHHostKey, _ why: String) -> WireError {
        WireError(
            .untrusted(seen: nil),
            "the host key of \(endpoint.host):\(endpoint.port), \(key.type) \(key.fingerprint), \(why)")
    }

    /// An encrypted session with a host that shows a key of one of these types; nil when it has none.
    private func connect(_ types: [String]) throws(WireError) -> SSHSession? {
        let deadline = ContinuousClock.now + endpoint.limits.connect
        let socket = try SSHSocket.connect(host: endpoint.host, port: endpoint.port, until: deadline)
        let session = try SSHSession(endpoint, socket)
        guard session.prefer(SSHHostKeyTypes.algorithms(for: types), for: LIBSSH2_METHOD_HOSTKEY) else { return nil }
        for (method, names) in SSHCiphers.preferences { _ = session.prefer(names, for: method) }
        let code = try session.shakeHands(until: deadline)
        switch code {
        case 0: return session
        case LIBSSH2_ERROR_METHOD_NONE, LIBSSH2_ERROR_KEX_FAILURE:
            if types.count < SSHHostKeyTypes.all.count { return nil }
            throw WireError(
                .protocolViolation,
                "\(session.name) and this side have no cipher or host key type in common: \(session.lastMessage)")
        default: throw session.failure("the handshake failed")
        }
    }

    private func shown(by session: SSHSession) throws(WireError) -> SSHHostKey {
        var length = 0
        var type: Int32 = 0
        guard let start = libssh2_session_hostkey(session.handle, &length, &type), length > 0 else {
            throw WireError(.protocolViolation, "\(session.name) showed no host key")
        }
        return start.withMemoryRebound(to: UInt8.self, capacity: length) { bytes in
            SSHHostKey(blob: Array(UnsafeBufferPointer(start: bytes, count: length)))
        }
    }
}
