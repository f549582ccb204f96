import NIOCore

/// Cuts a stream of bytes into login units, for as long as somebody asks for units; then gives the rest as it comes.
struct UnitReader {
    private var iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private var buffer = ByteBuffer()

    init(_ iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator) { self.iterator = iterator }

    /// The operation code of the next unit, as soon as its first byte comes; nil at the end of the stream.
    mutating func nextCode() async throws -> UInt8? {
        guard try await fill(1) else { return nil }
        return buffer.getInteger(at: buffer.readerIndex, as: UInt8.self).map { $0 & 0x3F }
    }

    /// The next unit; nil at the end of the stream.
    ///
    /// - Throws: when a unit claims to be longer than any login.
    mutating func unit() async throws -> LoginUnit? {
        guard try await fill(LoginUnit.headerLength) else { return nil }
        let header = buffer.getBytes(at: buffer.readerIndex, length: LoginUnit.headerLength) ?? []
        let length = LoginUnit.length(header)
        guard length <= LoginUnit.maximumText else { throw PortalSession.Failure.notISCSI }
        guard try await fill(length), let bytes = buffer.readBytes(length: length) else { return nil }
        return LoginUnit(bytes)
    }

    /// The bytes that come next, in whatever pieces; nil at the end of the stream.
    mutating func rest() async throws -> ByteBuffer? {
        if buffer.readableBytes > 0 {
            let kept = buffer
            buffer = ByteBuffer()
            return kept
        }
        return try await iterator.next(isolation: #isolation)
    }

    private mutating func fill(_ count: Int) async throws -> Bool {
        while buffer.readableBytes < count {
            guard var more = try await iterator.next(isolation: #isolation) else { return false }
            buffer.writeBuffer(&more)
        }
        buffer.discardReadBytes()
        return true
    }
}
