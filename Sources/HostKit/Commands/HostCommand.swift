import ArgumentParser
import Engine

/// A command that does something: a noun's verb.
protocol HostCommand: AsyncParsableCommand, Sendable {
    /// Does it. Results go to the console's stdout.
    /// - Throws: what the program prints on stderr and turns into its exit code.
    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus
}
