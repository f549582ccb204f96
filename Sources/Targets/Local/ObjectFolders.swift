import Engine
import Glibc
import Synchronization

/// Makes the folders that objects lie in, each durable before anything is put into it.
final class ObjectFolders: Sendable {
    private let root: String
    private let isDurable: Bool
    /// Folders below the root that exist and whose names survive a crash.
    private let known = Mutex<Set<String>>([])

    init(root: String, isDurable: Bool) {
        self.root = root
        self.isDurable = isDurable
    }

    /// Makes the root.
    /// - Throws: `.notFound` when its parent is missing, as it is when a disk is not mounted.
    func makeRoot() throws(EngineError) {
        guard mkdir(root, 0o700) != 0, errno != EEXIST else { return try synchronize(Self.parent(of: root)) }
        guard errno == ENOENT else { throw .system("create the folder", root) }
        throw EngineError(
            .notFound, "neither \(root) nor the folder it would be in exists: create that, or mount the disk")
    }

    /// Makes the folder of an object, with all above it up to the root, and returns its path.
    func makeFolder(of key: ObjectKey) throws(EngineError) -> String {
        guard let end = key.text.lastIndex(of: "/") else { return root }
        let folder = String(key.text[..<end])
        if known.withLock({ $0.contains(folder) }) { return root + "/" + folder }
        var path = root
        for part in folder.split(separator: "/") {
            let above = path
            path += "/" + part
            guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .system("create the folder", path) }
            // Even when it existed: whoever made it may not have got this far.
            try synchronize(above)
        }
        known.withLock { _ = $0.insert(folder) }
        return path
    }

    private func synchronize(_ folder: String) throws(EngineError) {
        if isDurable { try OpenFile.synchronizeFolder(folder) }
    }

    private static func parent(of path: String) -> String {
        let parts = path.split(separator: "/")
        let above = parts.dropLast().joined(separator: "/")
        return path.hasPrefix("/") ? "/" + above : (above.isEmpty ? "." : above)
    }
}
