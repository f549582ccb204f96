import Engine
import FoundationEssentials

/// Data as JSON on stdout: one document, or one line an event.
enum JSONOutput {
    static func document(_ value: some Encodable) throws(EngineError) -> String {
        try text(value, [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    }

    static func line(_ value: some Encodable) throws(EngineError) -> String {
        try text(value, [.sortedKeys, .withoutEscapingSlashes])
    }

    private static func text(
        _ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting
    ) throws(EngineError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            throw EngineError(.bug, "cannot write JSON: \(error)")
        }
    }
}
