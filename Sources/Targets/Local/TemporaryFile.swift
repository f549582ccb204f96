import Engine
import Glibc

/// An object that is being written. Its temporary name goes when this goes out of scope, whatever happened.
struct TemporaryFile: ~Copyable, Sendable {
    private let file: OpenFile

    /// - Throws: `.alreadyExists` when a file of that name is there.
    init(path: String) throws(EngineError) {
        file = try OpenFile(path, O_WRONLY | O_CREAT | O_EXCL)
    }

    deinit { unlink(file.path) }

    /// Marks the file as that of a living writer.
    /// - Returns: false when a sweep took it for a dead one's before it was marked.
    func claim() throws(EngineError) -> Bool {
        _ = file.lock(waits: true)
        return try file.status().st_nlink > 0
    }

    func write(_ bytes: RawSpan, at offset: Int) throws(EngineError) {
        var done = 0
        if bytes.byteCount >= DirectFile.least, let direct = DirectFile(file.path) {
            done = try direct.write(bytes, at: UInt64(offset))
        }
        guard done < bytes.byteCount else { return }
        try file.write(bytes.extracting(done..<bytes.byteCount), at: UInt64(offset + done))
    }

    func synchronize() throws(EngineError) { try file.synchronize() }

    /// Gives the file its final name, in one step that fails when the name is taken.
    func publish(as path: String) throws(EngineError) {
        guard link(file.path, path) != 0 else { return }
        switch errno {
        case EEXIST:
            // A network file system may lose the answer and repeat the call: two names mean that it was ours.
            guard try file.status().st_nlink == 2 else { throw .system("create", path, code: EEXIST) }
        case EPERM, EOPNOTSUPP, ENOSYS:
            throw EngineError(
                .unsupported,
                "cannot create \(path): its file system has no hard links, which a repository needs; "
                    + "use ext4, XFS, Btrfs, ZFS or NFS")
        case EXDEV:
            throw EngineError(
                .unsupported, "\(path) is on another file system than \(file.path): use one file system a repository")
        default:
            throw .system("create", path)
        }
    }
}
