import CZstd

/// Presses clusters into frames of Zstandard, each by itself.
final class ZstdClusters: DeflateEngine {
    private let compressor: ZstdCompressor

    init(_ effort: DeflateEffort) {
        let level: Int32 =
            switch effort {
            case .fast: 1
            case .balanced: 3
            case .small: 12
            }
        compressor = ZstdCompressor(level: level)
    }

    func encode(_ input: UnsafeRawBufferPointer, into space: UnsafeMutableRawBufferPointer) -> Int? {
        let count = ZSTD_compress2(
            compressor.context, space.baseAddress, space.count, input.baseAddress, input.count)
        return ZSTD_isError(count) == 0 ? count : nil
    }
}
