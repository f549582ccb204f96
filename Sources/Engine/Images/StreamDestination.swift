import Glibc
import Synchronization

/// A pipe, a socket or the program's output: bytes are appended, holes become zeros.
public final class StreamDestination: ImageDestination {
    public let name: String
    public let isStream = true
    private let descriptor: Int32
    private let hasBegun = Mutex(false)

    /// - Parameter descriptor: stays open; the caller closes it.
    public init(descriptor: Int32, name: String) {
        self.descriptor = descriptor
        self.name = name
    }

    public func begin(_ file: String) async throws(EngineError) -> any ImageSink {
        let isSecond = hasBegun.withLock { begun in
            defer { begun = true }
            return begun
        }
        guard !isSecond else { throw EngineError(.bug, "a second file, \(file), in one stream") }
        return StreamSink(descriptor: descriptor, name: name)
    }

    public func commit() async throws(EngineError) {}

    /// What was written cannot be taken back: whoever reads sees the end too early, and the program's exit code.
    public func abandon() async {}
}

private final class StreamSink: ImageSink {
    private let descriptor: Int32
    private let name: String
    private let position = Mutex<UInt64>(0)
    private let zeros: Buffer

    init(descriptor: Int32, name: String) {
        self.descriptor = descriptor
        self.name = name
        zeros = Buffer(capacity: 64 << 10)
        zeros.appendZeros(zeros.capacity)
    }

    func write(_ buffer: Buffer, _ range: Range<Int>, at offset: UInt64) async throws(EngineError) {
        try fill(to: offset)
        try append(buffer, range)
    }

    func finish(size: UInt64) async throws(EngineError) { try fill(to: size) }

    private func fill(to offset: UInt64) throws(EngineError) {
        let now = position.withLock { $0 }
        guard offset >= now else { throw EngineError(.bug, "bytes at \(offset) of a stream that is at \(now)") }
        var missing = offset - now
        while missing > 0 {
            let count = min(missing, UInt64(zeros.count))
            try append(zeros, 0..<Int(count))
            missing -= count
        }
    }

    private func append(_ buffer: Buffer, _ range: Range<Int>) throws(EngineError) {
        try buffer.withBytes(range) { bytes throws(EngineError) in
            try bytes.withUnsafeBytes { space throws(EngineError) in
                var done = 0
                while done < space.count {
                    try waitForRoom()
                    let count = Glibc.write(descriptor, space.baseAddress.map { $0 + done }, space.count - done)
                    if count > 0 {
                        done += count
                    } else if errno == EPIPE {
                        throw EngineError(.failed, "cannot write to \(name): whoever reads it has gone")
                    } else if errno != EINTR, errno != EAGAIN {
                        throw .system("write to", name)
                    }
                }
            }
        }
        position.withLock { $0 += UInt64(range.count) }
    }

    /// Waits in steps, so that a stream that nobody reads can be cancelled.
    private func waitForRoom() throws(EngineError) {
        var one = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        while poll(&one, 1, 200) == 0 {
            if Task.isCancelled { throw EngineError(.cancelled, "cancelled") }
        }
    }
}
