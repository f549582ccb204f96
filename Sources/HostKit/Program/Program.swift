import ArgumentParser
import Engine
import Glibc

/// The program `ahvault`, from its arguments to its exit code. START HERE to follow a command.
///
/// Arguments become a command (`Commands/`), the command runs on the engine's threads, and what it throws becomes a
/// line on stderr and an exit code. SIGINT and SIGTERM cancel the command, which cleans up and then ends; a second one
/// ends the process at once.
struct Program: Sendable {
    private let surroundings: Surroundings

    init(_ surroundings: Surroundings) { self.surroundings = surroundings }

    /// Runs the process's own command line, and ends the process.
    static func main(plugins: Plugins) async -> Never {
        let signals = InterruptSignals()
        let console = Console.standard
        let program = Program(
            Surroundings(console: console, plugins: plugins, ask: Terminal.ask, askSecret: Terminal.askSecret) {
                name in
                getenv(name).map { String(cString: $0) }
            })
        let run = Task { await program.run(Array(CommandLine.arguments.dropFirst())) }
        signals.onFirst {
            console.note("interrupted: cleaning up; interrupt again to end at once")
            run.cancel()
        }
        let status = await run.value
        exit(status.rawValue)
    }

    /// Runs one command line, without the program's name.
    func run(_ arguments: [String]) async -> ExitStatus {
        let console = surroundings.console
        let command: any ParsableCommand
        do {
            command = try await AHVaultCommand.asyncParseAsRoot(arguments)
        } catch {
            return show(error)
        }
        guard let command = command as? any HostCommand else { return showHelp(of: command) }
        do throws(EngineError) {
            let status = try await onBlockingThreads { try await command.carryOut(in: surroundings) }
            return Task.isCancelled && status != .done ? .interrupted : status
        } catch {
            let status = Task.isCancelled ? .interrupted : ExitStatus(error)
            console.fail(Self.text(of: error, status))
            return status
        }
    }

    /// A request for help is no error; anything else here is a command line that cannot be understood.
    private func show(_ error: any Error) -> ExitStatus {
        let text = AHVaultCommand.fullMessage(for: error, columns: surroundings.console.width)
        if AHVaultCommand.exitCode(for: error) == .success {
            surroundings.console.say(text)
            return .done
        }
        surroundings.console.complain(text)
        return .wrongUsage
    }

    /// The library's own commands, and nouns without a verb: their `run` only asks for help.
    private func showHelp(of command: any ParsableCommand) -> ExitStatus {
        var command = command
        do {
            try command.run()
            return .done
        } catch {
            return show(error)
        }
    }

    private static func text(of error: EngineError, _ status: ExitStatus) -> String {
        switch error.kind {
        case .cancelled: "interrupted"
        case .bug: "\(error) (this is a mistake in ahvault: please report it)"
        default: error.description
        }
    }
}
