import Foundation

/// A process that this test started, and the only kind of process it ever ends.
final class RunningProgram: Sendable {
    private let process: Process
    private let command: String
    private let output: String
    private let errors: String
    private let ended: AsyncStream<Int32>

    init(path: String, arguments: [String], folder: String, environment: [String: String]) throws {
        let name = folder + "/" + UUID().uuidString.prefix(8)
        output = name + ".out"
        errors = name + ".err"
        command = ([URL(filePath: path).lastPathComponent] + arguments).joined(separator: " ")
        for file in [output, errors] {
            guard FileManager.default.createFile(atPath: file, contents: nil) else {
                throw StageError("\(file) cannot be made")
            }
        }
        process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(filePath: folder)
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle(forWritingAtPath: errors)
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        ended = stream
        process.terminationHandler = { process in
            continuation.yield(process.terminationStatus + (process.terminationReason == .uncaughtSignal ? 128 : 0))
            continuation.finish()
        }
        try process.run()
    }

    /// Waits for the end; called once.
    ///
    /// - Throws: `StageError` when that takes longer than `limit`; the process is killed then.
    func finished(within limit: Duration) async throws -> Finished {
        let watch = Task { [process] in
            do {
                try await Task.sleep(for: limit)
            } catch {
                return false
            }
            kill(process.processIdentifier, SIGKILL)
            return true
        }
        var status: Int32 = -1
        for await code in ended { status = code }
        watch.cancel()
        if await watch.value { throw StageError("\(command) did not end within \(limit)\n\(printed)") }
        return Finished(command: command, status: status, output: read(output), errors: read(errors))
    }

    /// Ends it as a power failure would.
    func killNow() { kill(process.processIdentifier, SIGKILL) }

    /// Stops it where it is, until `goOn`.
    func pause() { kill(process.processIdentifier, SIGSTOP) }
    func goOn() { kill(process.processIdentifier, SIGCONT) }

    /// Asks it to end, as Ctrl-C does.
    func interrupt() { kill(process.processIdentifier, SIGINT) }

    /// What it has printed so far.
    var printed: String { read(output) + read(errors) }

    var isRunning: Bool { process.isRunning }

    private func read(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }
}
