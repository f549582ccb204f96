import Engine
import Glibc

/// rclone as a WebDAV server over a folder of its own, on a free port of this machine; ended and removed when a test lets
/// go of it.
final class RcloneServer: Sendable {
    let url: String
    private let folder: String
    private let process: pid_t

    /// The program: `RCLONE` in the environment, else that of the environment that scripts/test makes.
    static let program: String? = {
        let root = #filePath.split(separator: "/").dropLast(5).joined(separator: "/")
        let places = [getenv("RCLONE").map { String(cString: $0) }, "/\(root)/.venv-webdav/bin/rclone"]
        return places.compactMap { $0 }.first { access($0, X_OK) == 0 }
    }()

    init(_ program: String) throws {
        var template = Array("/tmp/ahvault-webdav-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw EngineError.system("create", "a folder in /tmp") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw EngineError.system("make a pipe for", program) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        process = try Self.start(
            [
                program, "serve", "webdav", folder, "--addr", "127.0.0.1:0", "--config", "/dev/null",
                "--vfs-cache-mode", "off",
            ],
            output: ends[1])
        close(ends[1])
        guard let address = Self.address(in: ends[0]) else {
            kill(process, SIGKILL)
            throw EngineError(.failed, "\(program) did not start")
        }
        url = address
    }

    deinit {
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
        _ = try? Self.start(["/bin/rm", "-rf", folder], output: 2, waits: true)
    }

    /// Waits for the line that names the address. The pipe stays open, so that the server can go on writing to it.
    private static func address(in descriptor: Int32) -> String? {
        var text: [UInt8] = []
        var byte: UInt8 = 0
        while text.count < 64 << 10, read(descriptor, &byte, 1) == 1 {
            text.append(byte)
            guard byte == UInt8(ascii: "]") else { continue }
            let words = String(decoding: text, as: UTF8.self)
            if let start = words.split(separator: "[").last, start.hasPrefix("http://") {
                return String(start.dropLast(start.hasSuffix("/]") ? 2 : 1))
            }
        }
        return nil
    }

    private static func start(_ words: [String], output: Int32, waits: Bool = false) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var process = pid_t()
        let code = posix_spawn(&process, words[0], &actions, nil, arguments, environ)
        guard code == 0 else { throw EngineError.system("start", words[0], code: code) }
        if waits { waitpid(process, nil, 0) }
        return process
    }
}
