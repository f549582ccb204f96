import Crypto
import NIOCore

/// A run of bytes that never change, in memory or in a file of the bodies' folder.
struct Slice: Sendable {
    private enum Place: Sendable {
        case memory(ByteBuffer)
        case file(BodyFile, offset: Int)
    }

    private let place: Place
    let count: Int

    init(_ buffer: ByteBuffer) {
        place = .memory(buffer)
        count = buffer.readableBytes
    }

    init(_ bytes: [UInt8]) { self.init(ByteBuffer(bytes: bytes)) }

    init(_ file: BodyFile, offset: Int, count: Int) {
        place = .file(file, offset: offset)
        self.count = count
    }

    /// A part of it; nothing is copied.
    func part(_ range: Range<Int>) -> Slice {
        switch place {
        case .memory(let buffer):
            Slice(buffer.getSlice(at: buffer.readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer())
        case .file(let file, let offset): Slice(file, offset: offset + range.lowerBound, count: range.count)
        }
    }

    /// The bytes; read from the file on its threads where they are in one.
    ///
    /// - Throws: when the file cannot be read.
    func load() async throws -> ByteBuffer {
        switch place {
        case .memory(let buffer): buffer
        case .file(let file, let offset): try await file.read(offset..<offset + count)
        }
    }
}

/// What is computed over the body of a request as it came.
struct BodyDigests: Sendable {
    /// Base64; empty when it was not asked for.
    let md5: String
    /// Base64.
    let crc64: String

    init(_ buffer: ByteBuffer, md5 wanted: Bool = true) {
        var hash = Insecure.MD5()
        var crc = CRC64()
        buffer.withUnsafeReadableBytes { bytes in
            if wanted { hash.update(bufferPointer: bytes) }
            crc.update(bytes)
        }
        md5 = wanted ? Base64.encode(hash.finalize()) : ""
        crc64 = crc.header
    }
}
