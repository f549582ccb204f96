import Glibc

/// A file of this machine as memory, read through the system's page cache. What is mapped counts as resident while it is
/// there, although the system can take it back at any time; `trim()` gives it back by itself.
///
/// The mapping outlives the file's name: it may be deleted meanwhile. Nobody may shorten the file.
final class MappedFile: @unchecked Sendable {
    // Sendable because the memory is never written to, and unmapped only when nobody holds this any more.

    let file: OpenFile
    /// Bytes.
    let count: Int
    private let base: UnsafeMutableRawPointer

    /// - Throws: `.corrupt` for an empty file; by `errno`.
    init(_ path: String) throws(EngineError) {
        file = try OpenFile(path, O_RDONLY)
        let status = try file.status()
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else {
            throw EngineError(.corrupt, "\(path) is empty or no file")
        }
        count = Int(status.st_size)
        guard let pointer = mmap(nil, count, PROT_READ, MAP_SHARED, file.descriptor, 0), pointer != MAP_FAILED else {
            throw .system("map", path)
        }
        base = pointer
        madvise(base, count, MADV_RANDOM)
    }

    deinit { munmap(base, count) }

    /// - Precondition: `range` lies within the file.
    func withBytes<R>(_ range: Range<Int>, _ body: (RawSpan) -> R) -> R {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "outside the file")
        return body(UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count).bytes)
    }

    /// Gives the resident pages back to the page cache. Readers meanwhile, and later ones, just fetch them again.
    func trim() { madvise(base, count, MADV_DONTNEED) }

    /// Appends up to `most` bytes from `offset` on to `buffer`, without making them resident here.
    func read(from offset: Int, upTo most: Int, into buffer: Buffer) throws(EngineError) {
        let most = min(most, buffer.room, count - offset)
        guard most > 0 else { return }
        var failure: EngineError?
        buffer.append(upTo: most) { space in
            do throws(EngineError) {
                return try file.read(into: space, at: UInt64(offset))
            } catch {
                failure = error
                return 0
            }
        }
        if let failure { throw failure }
    }
}
