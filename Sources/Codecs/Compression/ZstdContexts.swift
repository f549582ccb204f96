import CZstd

/// One zstd compressor, set to a level. Its level stays through all calls.
final class ZstdCompressor: @unchecked Sendable {
    // Sendable because ContextPool hands it to one thread at a time.
    let context: OpaquePointer

    init(level: Int32) {
        guard let context = ZSTD_createCCtx() else { preconditionFailure("out of memory for a zstd compressor") }
        self.context = context
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)
    }

    deinit { ZSTD_freeCCtx(context) }
}

/// One zstd decompressor.
final class ZstdDecompressor: @unchecked Sendable {
    // Sendable because ContextPool hands it to one thread at a time.
    let context: OpaquePointer

    init() {
        guard let context = ZSTD_createDCtx() else { preconditionFailure("out of memory for a zstd decompressor") }
        self.context = context
    }

    deinit { ZSTD_freeDCtx(context) }
}
