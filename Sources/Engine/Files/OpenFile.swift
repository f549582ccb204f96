package import Glibc

/// An open file or folder; closed when it goes out of scope. All calls block.
///
/// Reads and writes give their offset, so several threads may use one file at once.
package struct OpenFile: ~Copyable, Sendable {
    package let descriptor: Int32
    package let path: String

    /// Opens with `flags` (`O_CLOEXEC` is added); `mode` counts when the file is created.
    /// - Throws: by `errno`, naming the path.
    package init(_ path: String, _ flags: Int32, mode: mode_t = 0o600) throws(EngineError) {
        var descriptor: Int32
        repeat { descriptor = open(path, flags | O_CLOEXEC, mode) } while descriptor < 0 && errno == EINTR
        guard descriptor >= 0 else { throw .system(flags & O_CREAT == 0 ? "open" : "create", path) }
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    package func status() throws(EngineError) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system("look at", path) }
        return status
    }

    /// Fills `space` from `offset` on; returns less than its size only where the file ends.
    package func read(into space: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(EngineError) -> Int {
        guard let base = space.baseAddress else { return 0 }
        var done = 0
        while done < space.count {
            let count = pread(descriptor, base + done, space.count - done, off_t(offset) + off_t(done))
            if count == 0 { break }
            if count > 0 {
                done += count
            } else if errno != EINTR {
                throw .system("read", path)
            }
        }
        return done
    }

    /// Writes all of `bytes` at `offset`.
    package func write(_ bytes: RawSpan, at offset: UInt64) throws(EngineError) {
        try bytes.withUnsafeBytes { space throws(EngineError) in
            guard let base = space.baseAddress else { return }
            var done = 0
            while done < space.count {
                let count = pwrite(descriptor, base + done, space.count - done, off_t(offset) + off_t(done))
                if count > 0 {
                    done += count
                } else if count == 0 {
                    throw .system("write", path, code: ENOSPC)
                } else if errno != EINTR {
                    throw .system("write", path)
                }
            }
        }
    }

    /// Cuts the file, or extends it by a hole.
    package func resize(to size: UInt64) throws(EngineError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw .system("resize", path) }
    }

    /// Makes what was written survive a crash of the machine.
    package func synchronize() throws(EngineError) {
        while fsync(descriptor) != 0 {
            if errno == EINTR { continue }
            // Some file systems have nothing to synchronize for a folder and say so this way.
            if errno == EINVAL { return }
            throw .system("make durable", path)
        }
    }

    /// Makes the names in a folder survive a crash of the machine.
    package static func synchronizeFolder(_ path: String) throws(EngineError) {
        try OpenFile(path, O_RDONLY | O_DIRECTORY).synchronize()
    }
}
