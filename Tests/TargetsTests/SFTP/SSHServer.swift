import Engine
import EngineContracts
import Foundation
import Glibc
import Logging
import LoopbackPorts
import Targets
import Testing

/// A real OpenSSH server on loopback with keys, configuration and a folder of its own, ended when the test lets go of it.
///
/// Who logs in is the user who runs the tests, by a key made for the test. No account of the machine is touched.
final class SSHServer: @unchecked Sendable {
    // Sendable because `process` is only touched by the one task that stops and starts the server.

    let place: TemporaryPlace
    private(set) var port: Int
    private var process: ChildProcess?
    private let hasPassword: Bool

    /// Whether this machine can run one. It must in CI.
    static let isThere = access("/usr/sbin/sshd", X_OK) == 0 || getenv("CI") != nil

    /// Whether one can be given a password: its own file of passwords is laid over the machine's, for it alone.
    static let canHavePasswords = isThere && (geteuid() == 0 || getenv("CI") != nil)

    /// - Parameters:
    ///   - subsystem: what sshd runs for SFTP.
    ///   - lines: come first in its configuration.
    ///   - password: of who runs the tests, at this server.
    init(subsystem: String = "internal-sftp", lines: [String] = [], password: String? = nil) async throws {
        place = try TemporaryPlace()
        hasPassword = password != nil
        port = try LoopbackPort.unused()
        for type in ["ed25519", "ecdsa"] { try makeKey("host_\(type)", type: type) }
        try makeKey("user", type: "ed25519")
        try authorize("user")
        if let password { try keep(password) }
        var attempt = 1
        while true {
            try configure(lines, subsystem)
            do {
                try await start()
                return
            } catch let error as PortTaken {
                guard attempt < 5 else { throw error }
                attempt += 1
                port = try LoopbackPort.unused()
            }
        }
    }

    /// Somebody else took the port between its choice and its use.
    private struct PortTaken: Error {}

    private func configure(_ lines: [String], _ subsystem: String) throws {
        let configuration =
            lines + [
                "ListenAddress 127.0.0.1:\(port)", "HostKey \(place.path)/host_ed25519",
                "HostKey \(place.path)/host_ecdsa", "AuthorizedKeysFile \(place.path)/authorized_keys",
                "Subsystem sftp \(subsystem)", "PidFile none", "UsePAM no", "StrictModes no", "MaxStartups 200",
                "PermitRootLogin prohibit-password", "PasswordAuthentication no", "KbdInteractiveAuthentication no",
                "LogLevel VERBOSE",
            ]
        try write(configuration.joined(separator: "\n") + "\n", to: "sshd_config")
        try writeKnownHosts("[127.0.0.1]:\(port)", "host_ed25519")
    }

    private func keep(_ password: String) throws {
        let hash = try ChildProcess("/usr/bin/openssl", ["passwd", "-6", password]).firstLine()
        try write("\(Self.user):\(hash):19000:0:99999:7:::\n", to: "shadow")
    }

    deinit { stop() }

    // MARK: Running

    func start() async throws {
        if geteuid() == 0 { mkdir("/run/sshd", 0o755) }
        let before = log.count
        // However the tests end, the server ends within a quarter of an hour.
        process = try ChildProcess(
            "/usr/bin/timeout",
            ["--foreground", "900"] + words)
        for _ in 0..<500 {
            let said = log.dropFirst(before)
            if said.contains("Server listening on"), Self.answers(port) { return }
            if said.contains("Address already in use") {
                stop()
                throw PortTaken()
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw EngineError(.failed, "sshd did not start: \(log)")
    }

    /// The command that runs it, if need be in a view of the file system where its passwords are the machine's.
    private var words: [String] {
        let server = ["/usr/sbin/sshd", "-D", "-f", place.path + "/sshd_config", "-E", place.path + "/log"]
        guard hasPassword else { return server }
        let script = "mount --bind \"$1\" /etc/shadow && shift && exec \"$@\""
        return ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", script, "sh", place.path + "/shadow"] + server
    }

    /// Ends it with all its connections, as a power failure would.
    func stop() {
        guard let process else { return }
        process.killWithChildren()
        self.process = nil
    }

    var log: String { (try? String(contentsOfFile: place.path + "/log", encoding: .utf8)) ?? "" }

    // MARK: Keys

    func makeKey(_ name: String, type: String, passphrase: String = "", more: [String] = []) throws {
        try #require(
            ChildProcess.run(
                "/usr/bin/ssh-keygen",
                ["-q", "-t", type, "-N", passphrase, "-C", "test", "-f", place.path + "/" + name] + more) == 0)
    }

    func authorize(_ name: String) throws {
        let line = try String(contentsOfFile: place.path + "/\(name).pub", encoding: .utf8)
        let old = (try? String(contentsOfFile: place.path + "/authorized_keys", encoding: .utf8)) ?? ""
        try write(old + line, to: "authorized_keys")
    }

    /// A known_hosts file with one line: these names, and the public key of that file.
    func writeKnownHosts(_ names: String, _ key: String, to file: String = "known_hosts") throws {
        try write("\(names) \(try publicKey(key))\n", to: file)
    }

    /// The type and the letters of a public key.
    func publicKey(_ name: String) throws -> String {
        let line = try String(contentsOfFile: place.path + "/\(name).pub", encoding: .utf8)
        return line.split(separator: " ").prefix(2).joined(separator: " ")
    }

    func fingerprint(_ name: String) throws -> String {
        let child = try ChildProcess("/usr/bin/ssh-keygen", ["-lf", place.path + "/\(name).pub"])
        let words = try child.firstLine().split(separator: " ")
        return String(try #require(words.dropFirst().first))
    }

    func write(_ text: String, to name: String) throws {
        try place.write(Array(text.utf8), to: name)
    }

    // MARK: Targets

    /// A target of this server, not opened, that trusts it and logs in with its key, unless `values` say otherwise; an
    /// empty value leaves a key out.
    func target(_ values: [String: String] = [:]) throws -> SFTPTarget {
        var all = [
            "host": "127.0.0.1", "port": String(port), "user": Self.user, "keyFile": place.path + "/user",
            "knownHosts": place.path + "/known_hosts", "path": place.path + "/repository", "timeout": "20",
        ]
        all.merge(values) { $1 }
        let entries = all.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }.map { key, text in
            Setting.Entry(key: key, place: "test:1:1", value: Setting(.scalar(text), at: "test:1:1"))
        }
        let context = PluginContext(logger: Logger(label: "test"), baseDirectory: place.path)
        return try SFTPTarget(.decode(Setting(.map(entries), at: "test:1:1")), in: context)
    }

    /// Opens the target that `values` describe, and says why that failed.
    func refusal(_ values: [String: String]) async throws -> EngineError? {
        let target = try target(values)
        do {
            try await onBlocking { try await target.open() }
        } catch let error as EngineError {
            return error
        }
        await target.close()
        return nil
    }

    static let user = getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? "root"

    // MARK: Ports

    /// Binds a socket to a free port of loopback.
    static func bindToLoopback(_ listener: Int32) throws -> Int {
        var address = loopback(0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 ? getsockname(listener, $0, &size) : -1
            }
        }
        guard code == 0 else { throw EngineError.system("bind", "a port of loopback") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }

    /// A connection to a port of loopback; nil when nothing listens.
    static func connect(_ port: Int) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = loopback(port)
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if code == 0 { return descriptor }
        close(descriptor)
        return nil
    }

    private static func answers(_ port: Int) -> Bool {
        guard let descriptor = connect(port) else { return false }
        close(descriptor)
        return true
    }
}

/// Runs what may block where the engine would run it.
func onBlocking<T: Sendable>(_ work: @Sendable () async throws -> T) async throws -> T {
    try await withTaskExecutorPreference(BlockingThreads.shared) { @concurrent in try await work() }
}
