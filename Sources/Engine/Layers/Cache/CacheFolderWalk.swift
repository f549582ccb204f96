import Glibc

/// Finds the files of a cache.
struct CacheFolderWalk {
    struct File {
        let path: String
        let size: Int
        let used: Timestamp
        /// Being written, or left by a writer that died.
        let isTemporary: Bool
    }

    private let root: String

    init(_ root: String) { self.root = root }

    /// What goes away meanwhile is passed over.
    func files() -> [File] {
        var found: [File] = []
        walk(root, into: &found)
        return found
    }

    private func walk(_ folder: String, into found: inout [File]) {
        guard let stream = opendir(folder) else { return }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name != ".", name != ".." else { continue }
            let path = folder + "/" + name
            var status = stat()
            guard lstat(path, &status) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFDIR: walk(path, into: &found)
            case S_IFREG:
                let used = Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
                found.append(
                    File(
                        path: path, size: Int(status.st_size), used: Timestamp(milliseconds: used),
                        isTemporary: name.hasPrefix(".")))
            default: continue
            }
        }
    }
}
