import CLinux
import Glibc

/// A file operation that failed: which, on what, and why.
struct DiskFailure: Error, CustomStringConvertible, Sendable {
    var action: String
    var path: String
    var code: Int32
    var description: String { "cannot \(action) \(path): \(String(cString: strerror(code)))" }
}

/// An open raw disk file. Its calls block: they belong on a thread of `DiskStore`, never on the cooperative pool.
struct DiskFile: ~Copyable {
    let path: String
    private let descriptor: Int32

    /// - Throws: `DiskFailure` when the file cannot be opened.
    init(_ path: String, flags: Int32) throws(DiskFailure) {
        self.path = path
        descriptor = open(path, flags | O_CLOEXEC, 0o600)
        if descriptor < 0 { throw DiskFailure(action: "open", path: path, code: errno) }
    }

    deinit { close(descriptor) }

    private func failure(_ action: String) -> DiskFailure { DiskFailure(action: action, path: path, code: errno) }

    var size: Int {
        get throws(DiskFailure) {
            var status = stat()
            if fstat(descriptor, &status) != 0 { throw failure("examine") }
            return Int(status.st_size)
        }
    }

    func truncate(to size: Int) throws(DiskFailure) {
        if ftruncate(descriptor, off_t(size)) != 0 { throw failure("resize") }
    }

    /// The next range that holds data at or after `offset`; nil when only a hole follows.
    func data(from offset: Int) throws(DiskFailure) -> Range<Int>? {
        let start = linux_seek_data(descriptor, off_t(offset))
        if start < 0 {
            if errno == ENXIO { return nil }
            throw failure("find data in")
        }
        let end = linux_seek_hole(descriptor, start)
        if end < 0 { throw failure("find holes in") }
        return Int(start)..<Int(end)
    }

    /// Reads into the buffer; what lies beyond the end of the file reads as zero.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(DiskFailure) {
        var done = 0
        while done < buffer.count {
            let count = pread(
                descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(offset + done))
            if count < 0 && errno == EINTR { continue }
            if count < 0 { throw failure("read") }
            if count == 0 { break }
            done += count
        }
        if done < buffer.count, let base = buffer.baseAddress { memset(base + done, 0, buffer.count - done) }
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(DiskFailure) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                pwrite(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(offset + done))
            }
            if count < 0 && errno == EINTR { continue }
            if count < 0 { throw failure("write") }
            done += count
        }
    }

    /// Makes the range a hole that reads as zero.
    func punch(_ range: Range<Int>) throws(DiskFailure) {
        if linux_punch_hole(descriptor, off_t(range.lowerBound), off_t(range.count)) != 0 {
            throw failure("punch a hole into")
        }
    }

    /// Makes this file equal to `source`: shared blocks where the file system can, else a copy of its data ranges.
    func copy(from source: borrowing DiskFile, size: Int) throws(DiskFailure) {
        if linux_clone_file(descriptor, source.descriptor) == 0 { return try truncate(to: size) }
        try truncate(to: size)
        var position = 0
        let end = min(size, try source.size)
        while position < end, let extent = try source.data(from: position) {
            try copy(extent.lowerBound..<min(extent.upperBound, end), from: source)
            position = extent.upperBound
        }
    }

    private func copy(_ range: Range<Int>, from source: borrowing DiskFile) throws(DiskFailure) {
        var from = off_t(range.lowerBound)
        var to = from
        while from < off_t(range.upperBound) {
            let left = range.upperBound - Int(from)
            let count = linux_copy_range(source.descriptor, &from, descriptor, &to, left)
            if count < 0 && errno == EINTR { continue }
            if count < 0 { throw failure("copy to") }
            if count == 0 { break }
        }
    }
}
