/// Where an iSCSI service listens.
package struct ISCSIPortal: Sendable, Hashable, CustomStringConvertible {
    package let host: String
    package let port: UInt16

    package init(host: String, port: UInt16 = 3260) {
        self.host = host
        self.port = port
    }

    /// Reads the `host[:port][,group]` form of a target address; an IPv6 host stands in brackets.
    init?(targetAddress: String, defaultPort: UInt16) {
        var rest = targetAddress.prefix { $0 != "," }
        var host = rest
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            host = rest[rest.index(after: rest.startIndex)..<end]
            rest = rest[rest.index(after: end)...]
        } else {
            host = rest.prefix { $0 != ":" }
            rest = rest[host.endIndex...]
        }
        guard !host.isEmpty else { return nil }
        if rest.isEmpty {
            self.init(host: String(host), port: defaultPort)
        } else {
            guard rest.first == ":", let port = UInt16(rest.dropFirst()), port != 0 else { return nil }
            self.init(host: String(host), port: port)
        }
    }

    /// `host:port`, with brackets around an IPv6 host.
    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// What an initiator proves itself with. Printing one shows no secret.
package struct ISCSICredentials: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// A CHAP name with its secret.
    package struct Proof: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
        let name: String
        let secret: String

        package init(name: String, secret: String) {
            self.name = name
            self.secret = secret
        }

        package var description: String { "\(name):***" }
        package var debugDescription: String { description }
        package var customMirror: Mirror { Mirror(self, children: ["name": name]) }
    }

    /// What we prove to the target.
    package let initiator: Proof
    /// What the target must prove to us, for mutual CHAP.
    package let target: Proof?

    package init(initiator: Proof, target: Proof? = nil) {
        self.initiator = initiator
        self.target = target
    }

    package var description: String { target == nil ? "CHAP as \(initiator)" : "mutual CHAP as \(initiator)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["initiator": initiator.description]) }
}

/// Everything needed to log in to one target.
package struct ISCSIEndpoint: Sendable {
    package let portal: ISCSIPortal
    /// The target's name; ignored by discovery.
    package let target: String
    /// Our own name, an IQN.
    package let initiator: String
    package let credentials: ISCSICredentials?
    package let limits: ISCSITimeLimits

    package init(
        portal: ISCSIPortal, target: String, initiator: String, credentials: ISCSICredentials? = nil,
        limits: ISCSITimeLimits = ISCSITimeLimits()
    ) {
        self.portal = portal
        self.target = target
        self.initiator = initiator
        self.credentials = credentials
        self.limits = limits
    }
}

/// How long a session waits before it gives up.
package struct ISCSITimeLimits: Sendable {
    /// For connection, login and redirects together, and for discovery.
    package let login: Duration
    /// For one command, its repetitions included. A session whose command passes it is given up as a whole.
    package let command: Duration
    /// For the good-bye of a session that is closed.
    package let logout: Duration

    package init(login: Duration = .seconds(20), command: Duration = .seconds(30), logout: Duration = .seconds(3)) {
        self.login = login
        self.command = command
        self.logout = logout
    }
}
