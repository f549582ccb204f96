import CLinux
import Engine
import Foundation
import Glibc

/// A server that the tests start once and share. It ends with this process, in whatever way that ends: a shell waits
/// for the end of its input, which is ours, and then ends the server and removes its folder.
final class ServerProcess: Sendable {
    /// The server's own folder below `/tmp`.
    let folder: String
    private let input: Int32
    private let id: pid_t

    private static let script = """
        folder=$1; shift
        cd "$folder" || exit 1
        "$@" </dev/null >"$folder/server.log" 2>&1 &
        server=$!
        cat >/dev/null
        kill -9 "$server"
        wait "$server" 2>/dev/null
        rm -rf "$folder"
        """

    /// - Parameter command: program and arguments, given the folder.
    init(_ command: (_ folder: String) throws -> [String]) throws {
        var template = Array("/tmp/ahvault-server-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw EngineError.system("create", "a folder in /tmp") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let words = ["/bin/sh", "-c", Self.script, "server", folder] + (try command(folder))
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw EngineError.system("make a pipe for", words[4]) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
        // A server socket of another test that it keeps open would hold its port.
        linux_spawn_close_from(&actions, 3)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var id = pid_t()
        let code = posix_spawn(&id, words[0], &actions, nil, arguments, environ)
        close(ends[0])
        input = ends[1]
        self.id = id
        guard code == 0 else { throw EngineError.system("start", words[0], code: code) }
    }

    deinit {
        close(input)
        var status: Int32 = 0
        waitpid(id, &status, 0)
    }

    /// The end of what the server wrote.
    var log: String {
        (try? String(contentsOfFile: folder + "/server.log", encoding: .utf8)).map { String($0.suffix(2000)) } ?? ""
    }
}
