import CZstd
import Engine

/// One Zstandard frame (RFC 8878).
final class ZstdUnpacker: StreamUnpacker {
    private let decompressor: ZstdDecompressor
    private let output = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
    private(set) var isFinished = false

    /// Windows of at most 128 MiB: a frame may ask for no more memory.
    private static let windowLog: Int32 = 27

    init() {
        decompressor = ZstdDecompressor()
        ZSTD_DCtx_setParameter(decompressor.context, ZSTD_d_windowLogMax, Self.windowLog)
    }

    deinit { output.deallocate() }

    func unpack(
        _ input: RawSpan, _ use: (RawSpan) throws(EngineError) -> Void
    ) throws(EngineError) -> Int {
        try input.withUnsafeBytes { bytes throws(EngineError) in
            var source = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
            var isFull = true
            while !isFinished, source.pos < source.size || isFull {
                var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
                let before = source.pos
                let code = ZSTD_decompressStream(decompressor.context, &target, &source)
                guard ZSTD_isError(code) == 0 else {
                    throw EngineError(
                        .corrupt, "damaged zstd data: \(String(cString: ZSTD_getErrorName(code)))")
                }
                isFinished = code == 0
                isFull = target.pos == target.size
                if target.pos > 0 { try use(UnsafeRawBufferPointer(rebasing: output[..<target.pos]).bytes) }
                if source.pos == before, target.pos == 0 { break }
            }
            return source.pos
        }
    }
}
