import Foundation

/// Runs a program and takes what it prints.
enum Tool {
    struct Result: Sendable {
        var status: Int32
        var output: String
    }

    /// It is ended after a minute, so that a tool that waits for ever fails its test instead of stopping them all.
    ///
    /// - Throws: when the program is missing: the tests need it.
    static func run(_ program: String, _ arguments: [String]) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                do {
                    let process = Process()
                    process.executableURL = URL(fileURLWithPath: program)
                    process.arguments = arguments
                    let pipe = Pipe()
                    process.standardOutput = pipe
                    process.standardError = pipe
                    process.standardInput = FileHandle.nullDevice
                    try process.run()
                    let limit = program.hasSuffix("python") || program.contains("/python3") ? 600 : 60
                    let watch = DispatchSource.makeTimerSource()
                    watch.schedule(deadline: .now() + .seconds(limit))
                    watch.setEventHandler { process.terminate() }
                    watch.resume()
                    defer { watch.cancel() }
                    let data = pipe.fileHandleForReading.readDataToEndOfFile()
                    process.waitUntilExit()
                    let output = String(decoding: data, as: UTF8.self)
                    continuation.resume(returning: Result(status: process.terminationStatus, output: output))
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }
}
