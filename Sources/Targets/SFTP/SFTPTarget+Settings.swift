package import Engine
import Glibc
import Wire

extension SFTPTarget {
    package struct Settings: PluginSettings {
        let host: String
        let port: Int
        let user: String
        let password: Secret?
        let keyFile: String?
        let passphrase: Secret?
        let agent: String?
        let knownHosts: String
        let fingerprint: String?
        let path: String
        let sessions: Int
        let fsync: Bool
        let timeout: Int
        let attempts: Int

        package static let fields: [Field] = [
            .required("host", "name or address of the SSH server"),
            .defaulted("port", "22", "its port"),
            .required("user", "who logs in"),
            .secret("password", "the user's password; or give `keyFile` or `agent`"),
            .optional("keyFile", "file with the user's private key, in OpenSSH's format or PEM, for its owner alone"),
            .secret("passphrase", "the passphrase of `keyFile`, if it has one"),
            .optional("agent", "`true` for the agent of $SSH_AUTH_SOCK, or the path of an agent's socket"),
            .defaulted(
                "knownHosts", "~/.ssh/known_hosts", "file with the server's host key, beside /etc/ssh/ssh_known_hosts"),
            .optional("fingerprint", "the host key's `SHA256:…` instead of `knownHosts`; several with commas between"),
            .required("path", "the folder on the server; relative to where log-ins start, or absolute"),
            .defaulted("sessions", "4", "how many connections at once, 1 to 32"),
            .defaulted("fsync", "true", "whether objects must survive a power failure: `false` only for trials"),
            .defaulted(
                "timeout", "60", "seconds without any answer after which a connection counts as dead, at least 5"),
            .defaulted("attempts", "8", "how often a call is tried on new connections, 1 to 20; at first at most 4"),
        ]
    }
}

extension SFTPTarget.Settings {
    /// - Throws: `.configuration` for what cannot work.
    func check() throws(EngineError) {
        for (key, text) in [("host", host), ("user", user), ("path", path)] where text.isEmpty || text.contains("\0") {
            throw EngineError(.configuration, "`\(key)` is empty")
        }
        for (key, value, range) in [
            ("port", port, 1...65535), ("sessions", sessions, 1...32), ("timeout", timeout, 5...3600),
            ("attempts", attempts, 1...20),
        ] where !range.contains(value) {
            throw EngineError(
                .configuration, "`\(key)` is \(value); it must be from \(range.lowerBound) to \(range.upperBound)")
        }
        let ways = [password != nil, keyFile != nil, agent != nil && agent != "false"].count { $0 }
        guard ways == 1 else {
            throw EngineError(.configuration, "give one of `password`, `keyFile` and `agent`, not \(ways) of them")
        }
        guard passphrase == nil || keyFile != nil else {
            throw EngineError(.configuration, "`passphrase` is that of `keyFile`, which is not given")
        }
        _ = try pins()
    }

    /// The server, with secrets read now.
    /// - Throws: `.configuration` when a secret cannot be read.
    func endpoint(_ context: PluginContext) throws(EngineError) -> SSHEndpoint {
        let pins = try pins()
        return SSHEndpoint(
            host: host, port: port, user: user, credentials: try credentials(context),
            trust: pins.isEmpty
                ? .knownHosts(files: [Self.home(knownHosts, context), "/etc/ssh/ssh_known_hosts"])
                : .fingerprints(pins),
            limits: SSHTimeLimits(
                connect: .seconds(min(30, timeout)), answer: .seconds(timeout),
                keepAlive: .seconds(max(2, min(15, timeout / 3)))))
    }

    private func credentials(_ context: PluginContext) throws(EngineError) -> SSHCredentials {
        if let password { return .password(try context.reveal(password)) }
        if let keyFile {
            let secret: String? = if let passphrase { try context.reveal(passphrase) } else { nil }
            return .keyFile(path: Self.home(keyFile, context), passphrase: secret)
        }
        guard let agent, agent != "true" else {
            guard let socket = getenv("SSH_AUTH_SOCK").map({ String(cString: $0) }), !socket.isEmpty else {
                throw EngineError(.configuration, "`agent` is true, but SSH_AUTH_SOCK is not set: start an agent")
            }
            return .agent(socket: socket)
        }
        return .agent(socket: Self.home(agent, context))
    }

    private func pins() throws(EngineError) -> [SSHFingerprint] {
        guard let fingerprint else { return [] }
        var pins: [SSHFingerprint] = []
        for text in fingerprint.split(separator: ",") {
            let word = String(text.filter { $0 != " " })
            guard let pin = SSHFingerprint(word) else {
                throw EngineError(
                    .configuration,
                    "`fingerprint`: `\(word)` is none: write SHA256: and 43 letters, as "
                        + "`ssh-keyscan HOST | ssh-keygen -lf -` prints it")
            }
            pins.append(pin)
        }
        guard !pins.isEmpty else { throw EngineError(.configuration, "`fingerprint` is empty") }
        return pins
    }

    /// `~/` is the folder of the user who runs the program; other relative paths start at the configuration.
    private static func home(_ path: String, _ context: PluginContext) -> String {
        guard path.hasPrefix("~/") else { return context.resolve(path) }
        let home = getenv("HOME").map { String(cString: $0) } ?? ""
        return home + path.dropFirst()
    }
}
