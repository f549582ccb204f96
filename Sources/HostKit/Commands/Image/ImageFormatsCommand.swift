import ArgumentParser
import Engine

/// `ahvault image formats`
struct ImageFormatsCommand: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "formats",
        abstract: "List the formats and their forms.",
        discussion: """
            EXAMPLES
              ahvault image formats
              ahvault image formats --json
            """)

    @OptionGroup var config: ConfigOption
    @OptionGroup var output: JSONOption

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let rows = try ImageFormats(surroundings).all().flatMap { FormatRow.rows(of: type(of: $0)) }
        if output.json {
            surroundings.console.say(try JSONOutput.document(rows))
            return .done
        }
        var table = Table([.left("FORMAT"), .left("VARIANT"), .left("STREAM"), .left("WHAT IT IS")])
        for row in rows { table.add([row.format, row.variant, row.canStream ? "yes" : "no", row.summary]) }
        surroundings.console.say(
            table.text
                + "\n\nSettings for --set: `ahvault plugins describe FORMAT`. The first variant is the usual one.")
        return .done
    }
}

/// A form of a format, as the list shows it.
private struct FormatRow: Encodable, Sendable {
    let format: String
    let variant: String
    let canStream: Bool
    let canResume: Bool
    let summary: String

    static func rows(of format: any ImageFormat.Type) -> [FormatRow] {
        format.variants.map {
            FormatRow(
                format: format.name, variant: $0.name, canStream: $0.canStream, canResume: $0.canResume,
                summary: $0.summary)
        }
    }
}
