#if canImport(CDeflate)
    import CDeflate

    /// Deflate by libdeflate: smaller and quicker than zlib. Always in a zlib wrapper: it cannot keep its window small.
    final class LibdeflateDeflate: DeflateEngine, @unchecked Sendable {
        // Sendable because one task uses it at a time.
        private let state: OpaquePointer

        /// - Precondition: `level` is from 1 to 12.
        init(level: Int32) {
            guard let state = libdeflate_alloc_compressor(level) else {
                preconditionFailure("out of memory for a deflater")
            }
            self.state = state
        }

        deinit { libdeflate_free_compressor(state) }

        func encode(_ input: UnsafeRawBufferPointer, into space: UnsafeMutableRawBufferPointer) -> Int? {
            let count = libdeflate_zlib_compress(state, input.baseAddress, input.count, space.baseAddress, space.count)
            return count == 0 ? nil : count
        }
    }
#endif
