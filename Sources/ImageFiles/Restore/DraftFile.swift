import Engine
import Glibc

/// A raw image that a restore fills: sparse, for its owner alone, under a temporary name.
final class DraftFile: Sendable {
    private let file: OpenFile
    private let direct: DirectFile?
    /// Bytes.
    let size: UInt64
    /// Linux lets one writer into a file at a time and has the others spin; those of a restore sleep instead.
    private let turn = Turn()

    init(_ path: String, size: UInt64) throws(EngineError) {
        file = try OpenFile(path, O_RDWR | O_CREAT | O_EXCL)
        direct = DirectFile(path)
        self.size = size
        do throws(EngineError) {
            try file.resize(to: size)
        } catch {
            unlink(path)
            throw error
        }
    }

    var path: String { file.path }

    /// Writes the bytes `range` of `buffer` at `offset`, which must lie within the disk.
    func write(_ buffer: Buffer, _ range: Range<Int>, at offset: UInt64) throws(EngineError) {
        guard offset <= size, UInt64(range.count) <= size - offset else {
            throw EngineError(.bug, "a write behind the end of \(path)")
        }
        try buffer.withBytes(range) { bytes throws(EngineError) in
            let done = try direct?.write(bytes, at: offset) ?? 0
            guard done < bytes.byteCount else { return }
            try turn.take { () throws(EngineError) in
                try file.write(bytes.extracting(done..<bytes.byteCount), at: offset + UInt64(done))
            }
        }
    }

    func synchronize() throws(EngineError) { try file.synchronize() }

    /// Gives the file the owner and rights of another.
    func copyRights(from path: String) throws(EngineError) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .system("look at", path) }
        guard fchmod(file.descriptor, status.st_mode & 0o777) == 0 else {
            throw .system("set the rights of", self.path)
        }
        if fchown(file.descriptor, status.st_uid, status.st_gid) != 0, errno != EPERM {
            throw .system("set the owner of", self.path)
        }
    }

    /// Puts the file in the place of another, or where none is.
    func rename(to path: String) throws(EngineError) {
        guard Glibc.rename(self.path, path) == 0 else { throw .system("put the restored disk at", path) }
        try OpenFile.synchronizeFolder(Folder.parent(of: path))
    }

    /// Gives the file a name that must be free.
    func publish(as path: String) throws(EngineError) {
        guard link(self.path, path) == 0 else { throw .system("create", path) }
        unlink(self.path)
        try OpenFile.synchronizeFolder(Folder.parent(of: path))
    }
}
