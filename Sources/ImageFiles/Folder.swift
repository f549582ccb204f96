import Engine
import Glibc

/// What the source does with folders.
enum Folder {
    /// Makes `path` for its owner alone; its parent must exist. What is there already stays.
    static func make(_ path: String) throws(EngineError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .system("create the folder", path) }
    }

    /// Names in a folder, sorted, without `.` and `..`; none when the folder is absent.
    static func names(in path: String) throws(EngineError) -> [String] {
        guard let stream = opendir(path) else {
            if errno == ENOENT || errno == ENOTDIR { return [] }
            throw .system("list", path)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Removes a file, or a folder with the files in it; what is absent is no error.
    static func remove(_ path: String) throws(EngineError) {
        if unlink(path) == 0 || errno == ENOENT { return }
        guard errno == EISDIR || errno == EPERM else { throw .system("delete", path) }
        for name in try names(in: path) { try remove(path + "/" + name) }
        guard rmdir(path) == 0 || errno == ENOENT else { throw .system("delete", path) }
    }

    /// The folder that holds `path`.
    static func parent(of path: String) -> String {
        guard let end = path.lastIndex(of: "/") else { return "." }
        return end == path.startIndex ? "/" : String(path[..<end])
    }
}
