package import Engine

/// Keeps chunks as they are.
package struct Stored: Codec {
    package static let name = "none"
    package static let summary = "no compression"
    package static let wireID = CodecID.none

    package init(_ settings: NoSettings, in context: PluginContext) throws(EngineError) {}

    package func bound(_ count: Int) -> Int { count }

    package func encode(_ input: RawSpan, into output: Buffer) throws(EngineError) { output.append(input) }

    package func decode(_ input: RawSpan, rawCount: Int, into output: Buffer) throws(EngineError) {
        guard input.byteCount == rawCount else {
            throw EngineError(.corrupt, "stored data has \(input.byteCount) bytes instead of \(rawCount)")
        }
        output.append(input)
    }
}
