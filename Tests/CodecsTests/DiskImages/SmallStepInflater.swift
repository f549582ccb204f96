import CZlib

/// Inflates as readers do that give little room at a time, so that matches must be found in the window.
struct SmallStepInflater {
    let windowBits: Int32

    /// nil for a stream that zlib refuses, or that is not whole.
    func inflate(_ input: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        guard inflateInit2_(&stream, windowBits, ZLIB_VERSION, size) == Z_OK else { return nil }
        defer { inflateEnd(&stream) }
        var output: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 1000)
        var bytes = input
        return bytes.withUnsafeMutableBufferPointer { input in
            stream.next_in = input.baseAddress
            stream.avail_in = uInt(input.count)
            var code = Z_OK
            while code == Z_OK {
                code = room.withUnsafeMutableBufferPointer { space in
                    stream.next_out = space.baseAddress
                    stream.avail_out = uInt(space.count)
                    return CZlib.inflate(&stream, Z_NO_FLUSH)
                }
                output += room.prefix(room.count - Int(stream.avail_out))
            }
            return code == Z_STREAM_END ? output : nil
        }
    }
}
