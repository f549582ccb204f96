import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// Where the bodies of requests are kept: in memory, or as files in a folder.
final class Bodies: Sendable {
    private let folder: String?
    private let threads = NIOThreadPool(numberOfThreads: 2)
    private let next = Mutex(0)

    /// - Parameter folder: made when absent; nil keeps bodies in memory.
    /// - Throws: when the folder cannot be made.
    init(folder: String?) throws {
        self.folder = folder
        if let folder, mkdir(folder, 0o700) != 0, errno != EEXIST { throw BodyFailure(path: folder, code: errno) }
        threads.start()
    }

    /// - Throws: when the folder cannot be written.
    func keep(_ body: ByteBuffer) async throws -> Slice {
        guard let folder, body.readableBytes > 0 else { return Slice(body) }
        let number = next.withLock { next in
            next += 1
            return next
        }
        let path = "\(folder)/\(getpid())-\(UInt(bitPattern: ObjectIdentifier(self).hashValue))-\(number).body"
        return Slice(try await BodyFile.write(body, to: path, on: threads), offset: 0, count: body.readableBytes)
    }

    /// Ends the threads.
    func close() async { try? await threads.shutdownGracefully() }
}
