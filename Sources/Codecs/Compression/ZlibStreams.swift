import CZlib

/// One zlib compressor, set to a level.
final class Deflater: @unchecked Sendable {
    // Sendable because ContextPool hands it to one thread at a time.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

    init(level: Int32) {
        stream.initialize(to: z_stream())
        let code = deflateInit_(stream, level, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(code == Z_OK, "zlib cannot start: \(code)")
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Writes one whole zlib stream; returns its bytes, or nil when there was no room.
    func encode(_ input: UnsafeRawBufferPointer, into space: UnsafeMutableRawBufferPointer) -> Int? {
        deflateReset(stream)
        stream.set(input: input, output: space)
        return deflate(stream, Z_FINISH) == Z_STREAM_END ? Int(stream.pointee.total_out) : nil
    }
}

/// One zlib decompressor.
final class Inflater: @unchecked Sendable {
    // Sendable because ContextPool hands it to one thread at a time.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

    init() {
        stream.initialize(to: z_stream())
        let code = inflateInit_(stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(code == Z_OK, "zlib cannot start: \(code)")
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Whether `input` is one whole zlib stream, without a byte behind it, that fills `space` exactly.
    func decode(_ input: UnsafeRawBufferPointer, into space: UnsafeMutableRawBufferPointer) -> Bool {
        inflateReset(stream)
        stream.set(input: input, output: space)
        return inflate(stream, Z_FINISH) == Z_STREAM_END && stream.pointee.avail_in == 0
            && stream.pointee.avail_out == 0
    }
}

extension UnsafeMutablePointer<z_stream> {
    fileprivate func set(input: UnsafeRawBufferPointer, output: UnsafeMutableRawBufferPointer) {
        pointee.next_in = UnsafeMutablePointer<Bytef>(mutating: input.bindMemory(to: Bytef.self).baseAddress)
        pointee.avail_in = uInt(input.count)
        pointee.next_out = output.bindMemory(to: Bytef.self).baseAddress
        pointee.avail_out = uInt(output.count)
    }
}
