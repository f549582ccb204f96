import Glibc
import NIOCore
import NIOPosix

/// A file that holds the body of one request; it goes when the last blob that uses it does.
final class BodyFile: Sendable {
    private let path: String
    private let threads: NIOThreadPool

    /// Writes a body into a new file.
    ///
    /// - Throws: when it cannot be written.
    static func write(_ body: ByteBuffer, to path: String, on threads: NIOThreadPool) async throws -> BodyFile {
        try await threads.runIfActive {
            let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard file >= 0 else { throw BodyFailure(path: path, code: errno) }
            defer { close(file) }
            try body.withUnsafeReadableBytes { bytes in
                var done = 0
                while done < bytes.count {
                    let written = Glibc.write(file, bytes.baseAddress! + done, bytes.count - done)
                    if written < 0 && errno == EINTR { continue }
                    guard written > 0 else { throw BodyFailure(path: path, code: errno) }
                    done += written
                }
            }
            return BodyFile(path: path, threads: threads)
        }
    }

    private init(path: String, threads: NIOThreadPool) {
        self.path = path
        self.threads = threads
    }

    deinit { unlink(path) }

    func read(_ range: Range<Int>) async throws -> ByteBuffer {
        let path = path
        return try await threads.runIfActive {
            let file = open(path, O_RDONLY | O_CLOEXEC)
            guard file >= 0 else { throw BodyFailure(path: path, code: errno) }
            defer { close(file) }
            var buffer = ByteBufferAllocator().buffer(capacity: range.count)
            while buffer.readableBytes < range.count {
                let done = buffer.readableBytes
                let count = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: range.count - done) { space in
                    max(0, pread(file, space.baseAddress, range.count - done, range.lowerBound + done))
                }
                guard count > 0 else { throw BodyFailure(path: path, code: errno) }
            }
            return buffer
        }
    }
}

/// A body that could not be kept or read.
struct BodyFailure: Error, CustomStringConvertible {
    let path: String
    let code: Int32
    var description: String { "\(path): \(String(cString: strerror(code)))" }
}
