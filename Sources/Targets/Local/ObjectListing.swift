import Engine
import Glibc

/// Walks the folders below a root for objects whose key starts with a prefix.
///
/// What is no object of ours is passed over: names with a leading dot or letters no key has, links, devices.
struct ObjectListing {
    let root: String
    let prefix: String

    /// In byte order of their keys.
    func objects() throws(EngineError) -> [ListedObject] {
        var found: [ListedObject] = []
        var start = ""
        if let end = prefix.lastIndex(of: "/") {
            start = try ObjectKey(String(prefix[..<end])).text + "/"
        }
        try walk(start, into: &found)
        return found.sorted { $0.key < $1.key }
    }

    private func walk(_ folder: String, into found: inout [ListedObject]) throws(EngineError) {
        let path = root + "/" + folder
        guard let stream = opendir(path) else {
            if errno == ENOENT || errno == ENOTDIR { return }
            throw .system("list", path)
        }
        defer { closedir(stream) }
        var folders: [String] = []
        while let name = try next(in: stream, path) {
            let text = folder + name
            guard text.hasPrefix(prefix) || prefix.hasPrefix(text + "/"), let key = try? ObjectKey(text) else {
                continue
            }
            var status = stat()
            guard fstatat(dirfd(stream), name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                if errno == ENOENT { continue }
                throw .system("look at", path + name)
            }
            switch status.st_mode & S_IFMT {
            case S_IFDIR: folders.append(text + "/")
            case S_IFREG where text.hasPrefix(prefix):
                found.append(ListedObject(key: key, size: Int(status.st_size), modified: status.modified))
            default: continue
            }
        }
        for folder in folders { try walk(folder, into: &found) }
    }

    /// The next name that may be part of a key; nil at the end.
    private func next(in stream: OpaquePointer, _ path: String) throws(EngineError) -> String? {
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno == 0 { return nil }
                throw .system("list", path)
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { return name }
        }
    }
}

extension stat {
    /// When the file's content was last written.
    fileprivate var modified: Timestamp {
        Timestamp(milliseconds: Int64(st_mtim.tv_sec) * 1000 + Int64(st_mtim.tv_nsec) / 1_000_000)
    }
}
