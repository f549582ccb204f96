import Engine
import Glibc

/// A raw image file while it is read. It must not change meanwhile: every read makes sure that it did not.
final class OpenImage: Sendable {
    private let file: OpenFile
    /// Bytes; a multiple of 512.
    let size: UInt64
    private let modified: Int64

    /// Longer than the clock that file times are taken from stands still, in nanoseconds.
    private static let tick: Int64 = 20_000_000

    init(_ path: String) throws(EngineError) {
        file = try OpenFile(path, O_RDONLY)
        let status = try Self.settled(file)
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw EngineError(.unsupported, "\(path) is no regular file: image-files reads raw image files only")
        }
        guard status.st_size > 0, status.st_size % 512 == 0 else {
            throw EngineError(
                .unsupported, "\(path) has \(status.st_size) bytes; a raw disk image is a multiple of 512")
        }
        size = UInt64(status.st_size)
        modified = Self.nanoseconds(status.st_mtim)
    }

    var path: String { file.path }

    /// Appends the bytes of `range` to `output`.
    /// - Throws: `.failed` when the file changed since it was opened.
    func read(_ range: ByteRange, into output: Buffer) throws(EngineError) {
        guard range.end <= size else { throw EngineError(.bug, "a read behind the end of \(path)") }
        let before = output.count
        try output.append(upTo: Int(range.count)) { space throws(EngineError) in
            try file.read(into: space, at: range.start)
        }
        do throws(EngineError) {
            try checkUnchanged()
            guard output.count - before == Int(range.count) else { throw changed() }
        } catch {
            output.truncate(to: before)
            throw error
        }
    }

    /// - Throws: `.failed` when the file was written, or got another size, since it was opened.
    func checkUnchanged() throws(EngineError) {
        let status = try file.status()
        guard UInt64(status.st_size) == size, Self.nanoseconds(status.st_mtim) == modified else { throw changed() }
    }

    /// The next range at or after `offset` that holds data, cut from the file's holes; nil when there is none.
    func nextData(from offset: UInt64) throws(EngineError) -> ByteRange? {
        try file.nextData(from: offset)?.intersection(ByteRange(0, size))
    }

    private func changed() -> EngineError {
        EngineError(
            .failed, "\(path) changed while it was read: back up image files that nothing writes, or a copy of them")
    }

    /// The file's status, once a later write is sure to change its time.
    private static func settled(_ file: borrowing OpenFile) throws(EngineError) -> stat {
        let first = try file.status()
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        guard abs(nanoseconds(now) - nanoseconds(first.st_mtim)) < tick else { return first }
        usleep(UInt32(tick / 1000))
        let second = try file.status()
        guard nanoseconds(second.st_mtim) == nanoseconds(first.st_mtim), second.st_size == first.st_size else {
            throw EngineError(.failed, "\(file.path) is being written: back up image files that nothing writes")
        }
        return second
    }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}
