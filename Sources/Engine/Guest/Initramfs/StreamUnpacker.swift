/// Makes a compressed stream whole, a piece at a time.
///
/// One task uses it. The bytes come from a guest: it throws `.corrupt`, and never traps or allocates what they claim.
package protocol StreamUnpacker: AnyObject {
    /// Whether the stream has ended. What follows it is not taken.
    var isFinished: Bool { get }

    /// Takes the next bytes of the stream and hands what they become to `use`, in pieces.
    /// - Returns: how many bytes were taken: all of them, unless the stream ended before.
    func unpack(
        _ input: RawSpan, _ use: (RawSpan) throws(EngineError) -> Void
    ) throws(EngineError) -> Int
}

/// Makes a new unpacker for a stream; nil for what this program cannot unpack.
package typealias StreamUnpacking = @Sendable (StreamCompression) -> (any StreamUnpacker)?
