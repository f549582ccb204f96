/// A way to make chunks smaller. Synchronous: it uses the processor and waits for nothing.
///
/// Calls come from several threads at once.
public protocol Codec: Plugin {
    /// Written beside every chunk it encodes; never reused for another format, see `CodecID`.
    static var wireID: UInt8 { get }

    /// The most bytes that `count` bytes can become.
    func bound(_ count: Int) -> Int

    /// Appends the encoded form of `input` to `output`, which has room for `bound(input.byteCount)`.
    func encode(_ input: RawSpan, into output: Buffer) throws(EngineError)

    /// Appends exactly `rawCount` decoded bytes to `output`, which has room for them.
    /// - Throws: `.corrupt` when `input` is not what `encode` made of `rawCount` bytes; never traps, never writes more.
    func decode(_ input: RawSpan, rawCount: Int, into output: Buffer) throws(EngineError)
}

/// Every codec id ever given out. Written into packs; a number is never given to another format.
public enum CodecID {
    public static let none: UInt8 = 0
    public static let zstd: UInt8 = 1
    public static let lz4: UInt8 = 2
    public static let zlib: UInt8 = 3
}
