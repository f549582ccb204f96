import Glibc

/// An open file that an image is written to. What is to be durable goes past the page cache where it can: it is written
/// once, and not read again soon.
final class ImageFile: Sendable {
    let file: OpenFile
    private let direct: DirectFile?

    init(_ file: consuming OpenFile, isDurable: Bool) {
        direct = isDurable ? DirectFile(file.path) : nil
        self.file = file
    }

    /// Whether large writes go past the page cache, if their memory lies as their place in the file does.
    var isDirect: Bool { direct != nil }

    func write(_ bytes: RawSpan, at offset: UInt64) throws(EngineError) {
        guard isDirect else { return try writeCached(bytes, at: offset) }
        let head = min(bytes.byteCount, Int((0 &- offset) % UInt64(DirectFile.block)))
        if head > 0 { try file.write(bytes.extracting(0..<head), at: offset) }
        let rest = bytes.extracting(head..<bytes.byteCount)
        let done = try direct?.write(rest, at: offset + UInt64(head)) ?? 0
        guard done < rest.byteCount else { return }
        try file.write(rest.extracting(done..<rest.byteCount), at: offset + UInt64(head + done))
    }

    /// The page cache takes a long write into large runs of memory, which are rarely at hand: in a virtual machine that
    /// gives free memory back to its host they cost twice as much as small ones (docs/performance.md).
    private static let cachedWrite = 64 << 10

    private func writeCached(_ bytes: RawSpan, at offset: UInt64) throws(EngineError) {
        var done = 0
        while done < bytes.byteCount {
            let place = offset + UInt64(done)
            let count = min(bytes.byteCount - done, Self.cachedWrite - Int(place % UInt64(Self.cachedWrite)))
            try file.write(bytes.extracting(done..<done + count), at: place)
            done += count
        }
    }
}
