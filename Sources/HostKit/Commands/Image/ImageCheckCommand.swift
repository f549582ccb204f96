import ArgumentParser
import Engine

/// `ahvault image check FILE…`
struct ImageCheckCommand: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Look at every structure of an image and name each violation of its format.",
        discussion: """
            The contents of the disk are not read. An error is what a reader may refuse, or read as something else; a \
            warning is what known readers take no notice of. The exit code is 1 when there is an error.

            EXAMPLES
              ahvault image check web-01.vhdx
              ahvault image check export.vmdk --json
            """)

    @OptionGroup var image: ImageArgument
    @OptionGroup var config: ConfigOption
    @OptionGroup var output: JSONOption

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let storage = try image.open()
        let format = try await ImageFormats(surroundings).format(of: storage, given: image.inputFormat)
        let check = try await format.check(storage)
        let report = ImageCheckReport(check, file: storage.name)
        surroundings.console.say(output.json ? try JSONOutput.document(report) : report.text)
        return check.isSound ? .done : .failed
    }
}

/// What a check found, as it is shown.
struct ImageCheckReport: Encodable, Sendable {
    let file: String
    let format: String
    let isSound: Bool
    let errors: Int
    let warnings: Int
    let violations: [Violation]

    struct Violation: Encodable, Sendable {
        /// Bytes from the file's beginning.
        let offset: UInt64
        let isError: Bool
        let message: String
    }

    init(_ check: ImageCheck, file: String) {
        self.file = file
        format = check.format
        isSound = check.isSound
        errors = check.errorCount
        warnings = check.count - check.errorCount
        violations = check.violations.map { Violation(offset: $0.offset, isError: $0.isError, message: $0.message) }
    }

    var text: String {
        var lines = violations.map { "\($0.isError ? "error" : "warning") at \($0.offset): \($0.message)" }
        let hidden = errors + warnings - violations.count
        if hidden > 0 { lines.append("… and \(hidden) more") }
        lines.append(
            "\(file): \(format): "
                + (errors + warnings == 0
                    ? "no violation" : "\(counted(errors, "error")), \(counted(warnings, "warning"))"))
        return lines.map { $0.printable(keepsLines: false) }.joined(separator: "\n")
    }

    private func counted(_ count: Int, _ word: String) -> String { count == 1 ? "1 \(word)" : "\(count) \(word)s" }
}
