import Engine
import Glibc
import Testing

/// A folder of one test, and QEMU's tools at work in it. Gone when the test is.
final class QCOW2Folder: Sendable {
    let path: String

    static let tool = "/usr/bin/qemu-img"

    /// Whether the tests that need QEMU can run. Where tests are watched, its absence is a failure.
    static var hasTool: Bool { access(tool, X_OK) == 0 || getenv("CI") != nil }

    init() throws {
        var template = Array("/tmp/ahvault-qcow2-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw EngineError.system("make", "a folder below /tmp") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { _ = try? Self.run("/bin/rm", ["-rf", path]) }

    subscript(name: String) -> String { path + "/" + name }

    /// Runs `qemu-img`, whose first words are given, with the last ones as paths in the folder.
    @discardableResult
    func qemu(_ words: String..., files: [String] = []) throws -> String {
        let (code, output) = try Self.run(Self.tool, words + files.map { self[$0] })
        guard code == 0 else { throw EngineError(.failed, "qemu-img \(words.joined(separator: " ")): \(output)") }
        return output
    }

    /// Runs a program to its end: its exit code, and what it printed.
    static func run(_ program: String, _ words: [String]) throws -> (code: Int32, output: String) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw EngineError.system("make a pipe for", program) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var arguments: [UnsafeMutablePointer<CChar>?] = ([program] + words).map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var id = pid_t()
        let code = posix_spawn(&id, program, &actions, nil, &arguments, environ)
        close(ends[1])
        guard code == 0 else { throw EngineError.system("start", program, code: code) }
        var output: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 64 << 10)
        while case let count = read(ends[0], &part, part.count), count > 0 { output += part[..<count] }
        var status: Int32 = 0
        waitpid(id, &status, 0)
        return (status & 0x7F == 0 ? status >> 8 & 0xFF : -1, String(decoding: output, as: UTF8.self))
    }

    /// The file's bytes.
    func bytes(_ name: String) throws -> [UInt8] {
        let file = try OpenFile(self[name], O_RDONLY)
        let buffer = Buffer(capacity: max(1, Int(try file.status().st_size)))
        try buffer.append(upTo: Int(try file.status().st_size)) { space in try file.read(into: space, at: 0) }
        return buffer.array
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        let file = try OpenFile(self[name], O_RDWR | O_CREAT | O_TRUNC)
        try file.write(bytes.span.bytes, at: 0)
    }
}
