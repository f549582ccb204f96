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

    func write(_ buffer: Buffer, _ range: Range<Int>, at offset: UInt64) throws(EngineError) {
        try buffer.withBytes(range) { bytes throws(EngineError) in
            let done = try direct?.write(bytes, at: offset) ?? 0
            guard done < bytes.byteCount else { return }
            try file.write(bytes.extracting(done..<bytes.byteCount), at: offset + UInt64(done))
        }
    }
}
