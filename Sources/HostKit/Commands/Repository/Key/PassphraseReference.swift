import ArgumentParser
import Engine
import Foundation

/// A passphrase on the command line: where it is, never itself.
struct PassphraseReference: ExpressibleByArgument, Sendable {
    private let secret: Secret

    init?(argument: String) {
        var text = argument
        if let path = Self.path(argument), !path.hasPrefix("/") {
            text = "file:\(FileManager.default.currentDirectoryPath)/\(path)"
        }
        guard let secret = try? Secret(placed: Setting(.scalar(text), at: "command line"), what: "a passphrase") else {
            return nil
        }
        self.secret = secret
    }

    private static func path(_ argument: String) -> String? {
        argument.hasPrefix("file:") ? String(argument.dropFirst(5)) : nil
    }

    /// Whether the passphrase itself was given, for every user of the machine to see.
    var isLiteral: Bool { secret.isLiteral }

    static let literalComplaint = "a passphrase never stands on the command line: give `env:NAME` or `file:PATH`"

    /// - Throws: `.configuration` when the variable is unset or the file unreadable, empty or open to everyone.
    func reveal(in context: PluginContext) throws(EngineError) -> Passphrase {
        try Passphrase(context.reveal(secret))
    }
}
