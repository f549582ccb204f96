import Foundation

/// A server that a test starts. It ends with the test, and at the latest with this process in whatever way that ends: a
/// shell waits for the end of its input, which is ours, and then ends the server.
final class ServerProgram: Sendable {
    private let process: Process
    private let input: FileHandle
    let log: String

    private static let script = """
        log=$1; shift
        "$@" </dev/null >"$log" 2>&1 &
        server=$!
        cat >/dev/null
        kill -9 "$server"
        wait "$server" 2>/dev/null
        """

    init(_ words: [String], in place: Workplace) throws {
        log = place.file("server.log")
        let pipe = Pipe()
        input = pipe.fileHandleForWriting
        _ = fcntl(input.fileDescriptor, F_SETFD, FD_CLOEXEC)
        process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", Self.script, "server", log] + words
        process.currentDirectoryURL = URL(filePath: place.path)
        process.standardInput = pipe
        try process.run()
    }

    /// Ends the server as a power failure would, and waits until it is gone.
    func stop() {
        try? input.close()
        process.waitUntilExit()
    }

    /// Waits until `isReady`.
    func ready(_ isReady: () async throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(90)
        while ContinuousClock.now < end {
            guard process.isRunning else { break }
            if try await isReady() { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        let text = String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
        throw StageError("the server is not ready\n\(text.suffix(2000))")
    }
}
