import CLinux
import Glibc

/// A process this one started. It is killed with us: the kernel sees to it, however we end.
struct ChildProcess: Sendable {
    let id: pid_t

    /// Starts a program.
    ///
    /// Must run on a thread that lives as long as the process: the kernel ends the child with that thread.
    ///
    /// - Parameters:
    ///   - arguments: the program's path, then its arguments.
    ///   - environment: added to ours.
    ///   - log: where its output goes.
    /// - Throws: `DiskFailure` that names the program.
    static func start(
        _ arguments: [String], environment: [String], log: String
    ) throws(DiskFailure) -> ChildProcess {
        let guardian = "/usr/bin/setpriv"
        let guarded = access(guardian, X_OK) == 0 ? [guardian, "--pdeathsig", "KILL", "--"] + arguments : arguments
        var inherited: [String] = []
        var pointer = environ
        while let entry = pointer.pointee {
            inherited.append(String(cString: entry))
            pointer += 1
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // A server socket that the child keeps open would hold its port beyond our end.
        linux_spawn_close_from(&actions, 3)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own, so that a Ctrl-C at the terminal reaches us first.
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        var arguments = guarded.map { strdup($0) } + [nil]
        var environment = (inherited + environment).map { strdup($0) } + [nil]
        defer {
            for text in arguments + environment { free(text) }
        }
        var id: pid_t = 0
        let code = posix_spawn(&id, guarded[0], &actions, &attributes, &arguments, &environment)
        if code != 0 { throw DiskFailure(action: "start", path: guarded[0], code: code) }
        return ChildProcess(id: id)
    }

    /// Whether it has ended; reaps it then.
    func hasEnded() -> Bool {
        var status: Int32 = 0
        return waitpid(id, &status, WNOHANG) == id || errno == ECHILD && kill(id, 0) != 0
    }

    /// Ends it and waits until it is gone.
    func stop() {
        kill(id, SIGKILL)
        var status: Int32 = 0
        while waitpid(id, &status, 0) < 0 && errno == EINTR {}
    }
}
