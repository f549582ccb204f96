import CZlib

/// Deflate by zlib, which is everywhere.
final class ZlibDeflate: DeflateEngine, @unchecked Sendable {
    // Sendable because one task uses it at a time.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

    /// - Precondition: `level` is from 1 to 9.
    init(level: Int32, _ wrapper: DeflateWrapper) {
        stream.initialize(to: z_stream())
        let code = deflateInit2_(
            stream, level, Z_DEFLATED, wrapper.windowBits, 9, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        precondition(code == Z_OK, "zlib cannot start: \(code)")
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    func encode(_ input: UnsafeRawBufferPointer, into space: UnsafeMutableRawBufferPointer) -> Int? {
        deflateReset(stream)
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: Bytef.self).baseAddress)
        stream.pointee.avail_in = uInt(input.count)
        stream.pointee.next_out = space.bindMemory(to: Bytef.self).baseAddress
        stream.pointee.avail_out = uInt(space.count)
        return deflate(stream, Z_FINISH) == Z_STREAM_END ? Int(stream.pointee.total_out) : nil
    }
}

extension DeflateWrapper {
    /// As zlib has them: negative for raw streams.
    var windowBits: Int32 {
        switch self {
        case .zlib: 15
        case .raw: -15
        case .rawSmallWindow: -12
        }
    }
}
