import Glibc

/// A file or block device of this machine as part of a disk image.
public final class FileStorage: ImageStorage {
    public let size: UInt64
    private let file: OpenFile
    /// Files that this one names must lie below this folder, links followed.
    private let folder: String

    public var name: String { file.path }

    /// So large that handing the bytes from thread to thread does not count.
    public var bestRead: UInt64 { 1 << 20 }

    /// Opens a file for reading.
    /// - Parameter folder: where parents and extents may lie; the file's own folder when nil.
    /// - Throws: by `errno`; `.unsupported` for what is neither a file nor a block device.
    public convenience init(_ path: String, relatedBelow folder: String? = nil) throws(EngineError) {
        let given = folder ?? Self.parent(of: path)
        guard let folder = Self.real(given) else { throw .system("find", given) }
        try self.init(path, confinedTo: folder)
    }

    private init(_ path: String, confinedTo folder: String) throws(EngineError) {
        // Opening a named pipe would wait for somebody to write to it.
        var status = stat()
        guard stat(path, &status) == 0 else { throw .system("open", path) }
        guard [S_IFREG, S_IFBLK].contains(status.st_mode & S_IFMT) else {
            throw EngineError(.unsupported, "\(path) is neither a file nor a block device")
        }
        file = try OpenFile(path, O_RDONLY)
        let end = lseek(file.descriptor, 0, SEEK_END)
        guard end >= 0 else { throw .system("find the end of", path) }
        size = UInt64(end)
        // Only a hint: a file system that ignores it reads as well.
        posix_fadvise(file.descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
        self.folder = folder
    }

    public func extents(in range: ByteRange) async throws(EngineError) -> [DiskExtent] {
        var list = ExtentList()
        var position = range.start
        while position < range.end {
            let data = try file.nextData(from: position)?.intersection(range)
            list.append(ByteRange(position, data?.start ?? range.end), isZero: true)
            guard let data else { break }
            list.append(data, isZero: false)
            position = data.end
        }
        return list.extents
    }

    public func read(_ range: ByteRange, into output: Buffer) async throws(EngineError) {
        try output.append(upTo: Int(range.count)) { space throws(EngineError) in
            let count = try file.read(into: space, at: range.start)
            guard count == space.count else {
                throw EngineError(.corrupt, "\(name) ended at \(range.start + UInt64(count)) while it was read")
            }
            return count
        }
    }

    public func related(_ path: String) async throws(EngineError) -> any ImageStorage {
        let wanted = path.hasPrefix("/") ? path : Self.parent(of: name) + "/" + path
        guard let found = Self.real(wanted) else { throw .system("find", wanted) }
        guard found.hasPrefix(folder == "/" ? "/" : folder + "/") else {
            throw EngineError(
                .denied, "\(name) names \(path), which is not below \(folder): allow its folder if you trust the file")
        }
        return try FileStorage(found, confinedTo: folder)
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The path without links and dots, or nil when there is nothing.
    private static func real(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(cString: found)
    }
}
