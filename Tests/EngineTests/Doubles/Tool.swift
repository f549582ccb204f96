import Glibc

@testable import Engine

/// Programs of other people, run by tests. Where tests are watched (`CI`), their absence is a failure.
enum Tool {
    /// Where the program is, nil when it is not installed.
    static func path(_ name: String) -> String? {
        ["/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"].map { $0 + name }.first { access($0, X_OK) == 0 }
    }

    /// Whether tests that need these programs shall run.
    static func has(_ names: String...) -> Bool { getenv("CI") != nil || names.allSatisfy { path($0) != nil } }

    /// Runs a program to its end.
    /// - Returns: what it printed.
    /// - Throws: when it is not there, or ends with another code than zero.
    @discardableResult
    static func run(
        _ name: String, _ words: [String], input: String? = nil, environment: [String] = []
    ) throws -> [UInt8] {
        guard let path = path(name) else { throw EngineError(.notFound, "\(name) is not installed") }
        let folder = ScratchFolder()
        mkdir(folder.path, 0o700)
        let output = folder.path + "/output"
        if let input { try write(Array(input.utf8), to: folder.path + "/input") }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_addopen(&actions, 0, input == nil ? "/dev/null" : folder.path + "/input", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, folder.path + "/errors", O_WRONLY | O_CREAT, 0o600)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var arguments: [UnsafeMutablePointer<CChar>?] = ([path] + words).map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] =
            (environment + ["PATH=/usr/sbin:/usr/bin", "LC_ALL=C"])
            .map { strdup($0) } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var id = pid_t()
        let code = posix_spawn(&id, path, &actions, nil, &arguments, &variables)
        guard code == 0 else { throw EngineError.system("start", path, code: code) }
        var status: Int32 = 0
        waitpid(id, &status, 0)
        guard status == 0 else {
            let errors = String(decoding: try read(folder.path + "/errors"), as: UTF8.self)
            throw EngineError(.failed, "\(name) \(words.joined(separator: " ")): \(errors)")
        }
        return try read(output)
    }

    static func read(_ path: String) throws -> [UInt8] {
        let file = try OpenFile(path, O_RDONLY)
        let count = Int(try file.status().st_size)
        let buffer = Buffer(capacity: max(1, count))
        try buffer.append(upTo: count) { space in try file.read(into: space, at: 0) }
        return buffer.array
    }

    static func write(_ bytes: [UInt8], to path: String) throws {
        let file = try OpenFile(path, O_RDWR | O_CREAT | O_TRUNC)
        try file.write(bytes.span.bytes, at: 0)
    }
}
