#if canImport(CDeflate)
    import CDeflate

    /// Deflate by libdeflate: smaller and quicker than zlib. It cannot keep its window small.
    final class LibdeflateDeflate: DeflateEngine, @unchecked Sendable {
        // Sendable because one task uses it at a time.
        private let state: OpaquePointer
        private let isZlib: Bool

        /// - Precondition: `level` is from 1 to 12, and `wrapper` asks for no small window.
        init(level: Int32, _ wrapper: DeflateWrapper) {
            precondition(wrapper != .rawSmallWindow, "libdeflate looks 32 KiB back")
            guard let state = libdeflate_alloc_compressor(level) else {
                preconditionFailure("out of memory for a deflater")
            }
            self.state = state
            isZlib = wrapper == .zlib
        }

        deinit { libdeflate_free_compressor(state) }

        func encode(_ input: UnsafeRawBufferPointer, into space: UnsafeMutableRawBufferPointer) -> Int? {
            let press = isZlib ? libdeflate_zlib_compress : libdeflate_deflate_compress
            let count = press(state, input.baseAddress, input.count, space.baseAddress, space.count)
            return count == 0 ? nil : count
        }
    }
#endif
