import CZlib
import Engine

/// One member of a gzip file (RFC 1952).
final class GzipUnpacker: StreamUnpacker {
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let output = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
    private(set) var isFinished = false

    /// The largest window, and gzip's header.
    private static let windowBits: Int32 = 15 + 16

    init() {
        stream.initialize(to: z_stream())
        let code = inflateInit2_(stream, Self.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(code == Z_OK, "zlib cannot start: \(code)")
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        output.deallocate()
    }

    func unpack(
        _ input: RawSpan, _ use: (RawSpan) throws(EngineError) -> Void
    ) throws(EngineError) -> Int {
        try input.withUnsafeBytes { bytes throws(EngineError) in
            stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: Bytef.self).baseAddress)
            stream.pointee.avail_in = uInt(clamping: bytes.count)
            let offered = Int(stream.pointee.avail_in)
            var isFull = true
            while !isFinished, stream.pointee.avail_in > 0 || isFull {
                stream.pointee.next_out = output.bindMemory(to: Bytef.self).baseAddress
                stream.pointee.avail_out = uInt(output.count)
                let code = inflate(stream, Z_NO_FLUSH)
                guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else {
                    throw EngineError(.corrupt, "damaged gzip data")
                }
                isFinished = code == Z_STREAM_END
                let count = output.count - Int(stream.pointee.avail_out)
                isFull = stream.pointee.avail_out == 0
                if count > 0 { try use(UnsafeRawBufferPointer(rebasing: output[..<count]).bytes) }
                if code == Z_BUF_ERROR { break }
            }
            return offered - Int(stream.pointee.avail_in)
        }
    }
}
