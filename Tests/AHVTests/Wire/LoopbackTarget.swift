import CLinux
import Glibc
import LoopbackPorts

/// A private `tgtd` with one target of some disks, on a port of its own on 127.0.0.1.
final class LoopbackTarget: Sendable {
    static let program = "/usr/sbin/tgtd"
    static let name = "iqn.2026-01.test.loopback:disks"

    struct Failure: Error { let reason: String }

    let folder: String
    let port: UInt16
    let process: pid_t

    /// - Parameter secrets: of the initiator `user`, and of the target for mutual CHAP.
    init(disks sizes: [Int], secret: String? = nil, mutual: String? = nil) throws {
        var template = Array("/tmp/wire-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(reason: "no folder") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let environment = ["TGT_IPC_SOCKET=\(folder)/socket"]
        let portal = UInt16(try LoopbackPort.unused())
        port = portal
        process = try Self.spawn(
            [Self.program, "-f", "-C", "0", "-t", "2", "--iscsi", "portal=127.0.0.1:\(portal)"], environment,
            log: folder + "/log")
        try awaitDaemon(environment)
        try admin(["--op", "new", "--mode", "target", "--tid", "1", "-T", Self.name])
        for (index, size) in sizes.enumerated() {
            let path = file(index)
            let descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
            ftruncate(descriptor, size)
            close(descriptor)
            try admin(
                ["--op", "new", "--mode", "logicalunit", "--tid", "1", "--lun", "\(index + 1)", "-b", path])
            try admin(
                [
                    "--op", "update", "--mode", "logicalunit", "--tid", "1", "--lun", "\(index + 1)", "--params",
                    "scsi_sn=serial-\(index)",
                ])
        }
        try admin(["--op", "bind", "--mode", "target", "--tid", "1", "-I", "ALL"])
        if let secret { try account("user", secret, outgoing: false) }
        if let mutual { try account("target", mutual, outgoing: true) }
    }

    deinit {
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
        for file in 0..<16 { unlink(self.file(file)) }
        for name in ["log", "socket.0", "socket.0.lock"] { unlink("\(folder)/\(name)") }
        rmdir(folder)
    }

    func file(_ disk: Int) -> String { "\(folder)/disk\(disk)" }

    private func account(_ user: String, _ secret: String, outgoing: Bool) throws {
        try admin(["--op", "new", "--mode", "account", "--user", user, "--password", secret])
        try admin(
            ["--op", "bind", "--mode", "account", "--tid", "1", "--user", user] + (outgoing ? ["--outgoing"] : []))
    }

    private func admin(_ arguments: [String]) throws {
        let environment = ["TGT_IPC_SOCKET=\(folder)/socket"]
        guard try Self.run(["/usr/sbin/tgtadm", "-C", "0", "--lld", "iscsi"] + arguments, environment) == 0 else {
            throw Failure(reason: "tgtadm \(arguments)")
        }
    }

    private func awaitDaemon(_ environment: [String]) throws {
        for _ in 0..<500 {
            let show = ["/usr/sbin/tgtadm", "-C", "0", "--lld", "iscsi", "--op", "show", "--mode", "sys"]
            if try Self.run(show, environment) == 0 { return }
            usleep(10_000)
        }
        throw Failure(reason: "tgtd does not come up")
    }

    private static func run(_ arguments: [String], _ environment: [String]) throws -> Int32 {
        let id = try spawn(arguments, environment, log: "/dev/null")
        var status: Int32 = 0
        waitpid(id, &status, 0)
        return status
    }

    private static func spawn(_ arguments: [String], _ environment: [String], log: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // A server socket of another test that it keeps open would hold its port.
        linux_spawn_close_from(&actions, 3)
        var argv = arguments.map { strdup($0) } + [nil]
        var envp = (environment + ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]).map { strdup($0) } + [nil]
        defer { for text in argv + envp { free(text) } }
        var id: pid_t = 0
        let code = posix_spawn(&id, arguments[0], &actions, nil, &argv, &envp)
        guard code == 0 else { throw Failure(reason: "\(arguments[0]) cannot be started: \(code)") }
        return id
    }
}

/// Listens on loopback, lets clients connect and never says a word.
final class SilentServer: Sendable {
    let port: UInt16
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, 4)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(descriptor, raw, length) | listen(descriptor, 8) | getsockname(descriptor, raw, &length)
            }
        }
        guard code == 0 else { throw LoopbackTarget.Failure(reason: "no port on loopback") }
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(descriptor) }
}
