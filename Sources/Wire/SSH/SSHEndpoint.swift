/// A server that is reached by SSH (RFC 4251 to 4254), how it is recognized, and who logs in.
package struct SSHEndpoint: Sendable {
    package let host: String
    package let port: Int
    package let user: String
    package let credentials: SSHCredentials
    package let trust: SSHHostTrust
    package let limits: SSHTimeLimits

    package init(
        host: String, port: Int, user: String, credentials: SSHCredentials, trust: SSHHostTrust,
        limits: SSHTimeLimits = SSHTimeLimits()
    ) {
        self.host = host
        self.port = port
        self.user = user
        self.credentials = credentials
        self.trust = trust
        self.limits = limits
    }

    /// `host`, or `[host]:port` where the port is not SSH's own: how known_hosts files name a server.
    package var knownName: String { port == 22 ? host : "[\(host)]:\(port)" }
}

/// How a user proves who he is. Never printed.
package enum SSHCredentials: Sendable {
    case password(String)
    /// A private key in OpenSSH's format or PEM, with its passphrase if it has one.
    case keyFile(path: String, passphrase: String?)
    /// A key of the agent that listens at this socket.
    case agent(socket: String)
}

/// How a server is recognized. There is no way to take whatever it shows.
package enum SSHHostTrust: Sendable {
    /// Its key stands in one of these known_hosts files; those that do not exist are passed over.
    case knownHosts(files: [String])
    /// Its key has one of these fingerprints.
    case fingerprints([SSHFingerprint])
}

/// How long to wait for a server.
package struct SSHTimeLimits: Sendable, Equatable {
    /// For the TCP connection, and for the whole handshake and log-in after it.
    package var connect: Duration
    /// For the next byte of anything later.
    package var answer: Duration
    /// A sign of life is sent this often while an answer is awaited.
    package var keepAlive: Duration

    package init(
        connect: Duration = .seconds(20), answer: Duration = .seconds(60), keepAlive: Duration = .seconds(15)
    ) {
        self.connect = connect
        self.answer = answer
        self.keepAlive = keepAlive
    }
}
