import CLinux
import Engine
import Glibc

/// A process that a test starts, reads one line from, and ends.
final class ChildProcess {
    private let id: pid_t
    private let output: Int32
    private var isEnded = false

    init(_ path: String, _ arguments: [String]) throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw EngineError.system("make a pipe for", path) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        // A server socket of another test that it keeps open would hold its port.
        linux_spawn_close_from(&actions, 3)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        var id = pid_t()
        let code = posix_spawn(&id, path, &actions, nil, words, environ)
        close(ends[1])
        guard code == 0 else {
            close(ends[0])
            throw EngineError.system("start", path, code: code)
        }
        self.id = id
        output = ends[0]
    }

    deinit {
        kill()
        close(output)
    }

    /// What it prints up to the first line break; empty when it ends before.
    func firstLine() throws -> String {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(output, &byte, 1) == 1, byte != UInt8(ascii: "\n") { line.append(byte) }
        return String(decoding: line, as: UTF8.self)
    }

    /// Ends it as a power failure would, and waits until it is gone.
    func kill() {
        guard !isEnded else { return }
        isEnded = true
        Glibc.kill(id, SIGKILL)
        var status: Int32 = 0
        waitpid(id, &status, 0)
    }

    /// Ends it and everything it started, children first found, then ended.
    func killWithChildren() {
        guard !isEnded else { return }
        for child in Self.descendants(of: id) { Glibc.kill(child, SIGKILL) }
        kill()
    }

    private static func descendants(of id: pid_t) -> [pid_t] {
        guard let file = fopen("/proc/\(id)/task/\(id)/children", "r") else { return [] }
        defer { fclose(file) }
        var text = [UInt8](repeating: 0, count: 64 << 10)
        let count = fread(&text, 1, text.count, file)
        let children = String(decoding: text[..<count], as: UTF8.self).split(separator: " ").compactMap { pid_t($0) }
        return children.flatMap { descendants(of: $0) } + children
    }

    /// Runs a command to its end; returns its exit code.
    static func run(_ path: String, _ arguments: [String]) throws -> Int32 {
        let child = try ChildProcess(path, arguments)
        child.isEnded = true
        var status: Int32 = 0
        waitpid(child.id, &status, 0)
        return status == 0 ? 0 : 1
    }
}
