import Glibc

/// A second way to write a file that is open already: past the page cache, straight from memory to the disk.
///
/// What is written once, made durable at once and not read again soon gains nothing from the page cache, pays for a
/// copy, and drives out what others want to keep. Only whole blocks from aligned memory can go this way; the caller
/// writes the rest the usual way and makes all of it durable as always.
package struct DirectFile: ~Copyable, Sendable {
    private let file: OpenFile

    /// Bytes. Shorter writes gain nothing.
    package static let least = 256 << 10
    /// Bytes; a multiple of the sector size of any disk.
    package static let block = 4096
    // Linux's `O_DIRECT`, which the C library shows only to programs that ask for GNU extensions.
    #if arch(arm64)
        private static let flag: Int32 = 0o200000
    #else
        private static let flag: Int32 = 0o40000
    #endif

    /// Nil when the file's file system has no such way.
    package init?(_ path: String) {
        guard let file = try? OpenFile(path, O_WRONLY | Self.flag) else { return nil }
        self.file = file
    }

    /// Writes as many of the first bytes as can go this way, perhaps none; returns how many.
    package func write(_ bytes: RawSpan, at offset: UInt64) throws(EngineError) -> Int {
        let whole = bytes.byteCount / Self.block * Self.block
        guard whole >= Self.least, offset % UInt64(Self.block) == 0 else { return 0 }
        return try bytes.withUnsafeBytes { space throws(EngineError) in
            guard let base = space.baseAddress, UInt(bitPattern: base) % UInt(Self.block) == 0 else { return 0 }
            var done = 0
            while done < whole {
                let count = pwrite(file.descriptor, base + done, whole - done, off_t(offset) + off_t(done))
                if count > 0, count % Self.block == 0 {
                    done += count
                } else if count >= 0 || errno == EINVAL {
                    return done
                } else if errno != EINTR {
                    throw .system("write", file.path)
                }
            }
            return done
        }
    }
}
