/// The bytes of a disk, wherever they are: a raw file, a disk image, a disk of a restore point.
///
/// Calls come from several tasks at once, and several reads may be in flight. Nothing changes while it is read.
public protocol BlockReader: Sendable {
    /// Bytes.
    var size: UInt64 { get }

    /// What `range` consists of, in order, without gap or overlap. A zero extent reads as zeros; a data extent may.
    ///
    /// It costs what the answer is long: ask for a gibibyte at a time.
    /// - Throws: `.corrupt` when the tables of an image are damaged.
    func extents(in range: ByteRange) async throws(EngineError) -> [DiskExtent]

    /// Appends the bytes of `range`, which lies within the disk, to `output`, which has room for them.
    /// - Throws: `.corrupt` when the bytes cannot be had as they were written.
    func read(_ range: ByteRange, into output: Buffer) async throws(EngineError)

    /// Bytes that are best read at once: reads that begin and end on multiples of it cost least. A power of two.
    var bestRead: UInt64 { get }
}

extension BlockReader {
    /// Small enough for a processor's cache, large enough that a system call does not count.
    public var bestRead: UInt64 { 128 << 10 }
}
