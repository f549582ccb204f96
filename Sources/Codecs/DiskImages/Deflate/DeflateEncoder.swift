import Engine

/// Deflates blocks, each into a stream of its own. One task uses it at a time; making one costs more than a block.
final class DeflateEncoder: Sendable {
    private let engine: any DeflateEngine

    init(_ effort: DeflateEffort, _ wrapper: DeflateWrapper) { engine = effort.engine(wrapper) }

    init(_ engine: any DeflateEngine) { self.engine = engine }

    /// Bytes that a stream of `count` bytes has at most, whoever writes it.
    static func bound(_ count: Int) -> Int { count + count / 256 + 64 }

    /// Appends one whole stream of `input`, which is not empty; returns its bytes.
    /// - Precondition: `output` has room for `bound(_:)` of them; `input` has at most a gibibyte.
    func encode(_ input: RawSpan, into output: Buffer) throws(EngineError) -> Int {
        let before = output.count
        var isEncoded = false
        output.append(upTo: Self.bound(input.byteCount)) { space in
            let count = input.withUnsafeBytes { engine.encode($0, into: space) }
            isEncoded = count != nil
            return count ?? 0
        }
        guard isEncoded else { throw EngineError(.bug, "cannot deflate \(input.byteCount) bytes") }
        return output.count - before
    }
}
