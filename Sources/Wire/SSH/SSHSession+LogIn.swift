import CSSH2
import Glibc

extension SSHSession {
    /// Proves who the user is.
    /// - Throws: `denied` when the server does not accept it, `configuration` for a key file or an agent that cannot be
    ///   used, and what breaks connections.
    func logIn(until deadline: ContinuousClock.Instant) throws(WireError) {
        switch endpoint.credentials {
        case .password(let password): try logIn(password: password, until: deadline)
        case .keyFile(let path, let passphrase): try logIn(keyFile: path, passphrase, until: deadline)
        case .agent(let socket): try logIn(agent: socket, until: deadline)
        }
        guard libssh2_userauth_authenticated(handle) != 0 else { throw refused("the log-in was not accepted") }
    }

    // MARK: Password

    private func logIn(password: String, until deadline: ContinuousClock.Instant) throws(WireError) {
        let methods = try methods(until: deadline)
        guard methods.contains("password") || methods.contains("keyboard-interactive") || methods.isEmpty else {
            throw refused("takes no passwords, only \(methods.joined(separator: ", "))")
        }
        let user = endpoint.user
        if methods.contains("password") {
            let code = try patiently(until: deadline) {
                libssh2_userauth_password_ex(
                    handle, user, UInt32(user.utf8.count), password, UInt32(password.utf8.count), nil)
            }
            if code == 0 { return }
            try check(code, "does not accept the password")
        } else if !methods.isEmpty {
            try logInInteractively(password: password, until: deadline)
        }
    }

    /// Answers whatever the server asks with the password, as servers with PAM ask for it.
    private func logInInteractively(password: String, until deadline: ContinuousClock.Instant) throws(WireError) {
        guard let text = strdup(password) else { return }
        defer {
            cssh2_set_abstract(handle, nil)
            explicit_bzero(text, strlen(text))
            free(text)
        }
        cssh2_set_abstract(handle, text)
        let user = endpoint.user
        let code = try patiently(until: deadline) { cssh2_interactive(handle, user, UInt32(user.utf8.count)) }
        if code != 0 { try check(code, "does not accept the password") }
    }

    /// What the server offers; empty when it asks for nothing at all.
    private func methods(until deadline: ContinuousClock.Instant) throws(WireError) -> [String] {
        let user = endpoint.user
        while true {
            if let list = libssh2_userauth_list(handle, user, UInt32(user.utf8.count)) {
                return String(cString: list).split(separator: ",").map(String.init)
            }
            if libssh2_userauth_authenticated(handle) != 0 { return [] }
            guard libssh2_session_last_errno(handle) == cssh2_again else { throw failure("the log-in failed") }
            try wait(until: deadline)
        }
    }

    // MARK: Key file

    private func logIn(
        keyFile path: String, _ passphrase: String?, until deadline: ContinuousClock.Instant
    ) throws(WireError) {
        let file = try PrivateKeyFile(path)
        let user = endpoint.user
        // An empty passphrase rather than none: without one, OpenSSL would ask at the terminal.
        let secret = passphrase ?? ""
        let code = try patiently(until: deadline) {
            libssh2_userauth_publickey_fromfile_ex(handle, user, UInt32(user.utf8.count), nil, path, secret)
        }
        if code != 0 { try checkConnection(code) }
        switch code {
        case 0: return
        case LIBSSH2_ERROR_FILE, LIBSSH2_ERROR_KEYFILE_AUTH_FAILED, LIBSSH2_ERROR_METHOD_NONE, LIBSSH2_ERROR_PROTO:
            throw WireError(
                .configuration,
                passphrase == nil
                    ? "the key file \(path) cannot be used: it has a passphrase, which is not set, or a format that is "
                        + "not known here"
                    : "the key file \(path) cannot be used: the passphrase is wrong, or the format is not known here")
        default: try check(code, "does not accept the key of \(path)" + file.adviceOnRefusal)
        }
    }

    // MARK: Agent

    private func logIn(agent socket: String, until deadline: ContinuousClock.Instant) throws(WireError) {
        let agent = try SSHAgent(socket: socket)
        let keys = try agent.keys()
        guard !keys.isEmpty else {
            throw WireError(.configuration, "the agent at \(socket) holds no key: add one by `ssh-add`")
        }
        for key in keys {
            let signer = AgentSigner(agent: agent, key: key)
            let code = try patiently(until: deadline) { signer.logIn(handle, endpoint.user) }
            if code == 0 { return }
            try checkConnection(code)
        }
        throw refused("accepts none of the \(keys.count) keys of the agent at \(socket)")
    }

    // MARK: Refusals

    /// Throws `denied` for what the server refused, and what broke the connection otherwise.
    private func check(_ code: Int32, _ what: String) throws(WireError) {
        try checkConnection(code)
        throw refused(what)
    }

    private func checkConnection(_ code: Int32) throws(WireError) {
        // libssh2 has codes of refusals for connections that broke while an answer was awaited, too.
        guard !socket.isEnded else {
            throw WireError(.connectionLost, "\(name) ended the connection during the log-in")
        }
        switch code {
        case LIBSSH2_ERROR_SOCKET_SEND, LIBSSH2_ERROR_SOCKET_RECV, LIBSSH2_ERROR_SOCKET_DISCONNECT,
            LIBSSH2_ERROR_TIMEOUT, LIBSSH2_ERROR_SOCKET_TIMEOUT, LIBSSH2_ERROR_SOCKET_NONE:
            throw failure("the log-in was cut off")
        default: return
        }
    }

    private func refused(_ what: String) -> WireError {
        WireError(.denied, "\(name) \(what), for the user \(endpoint.user): is the user right, and may it log in?")
    }
}
