import Glibc
package import Logging
import Synchronization

/// Copies of a target's objects in a folder of this machine, which several processes may use at once. What was used
/// longest ago goes when there are too many bytes.
///
/// It is never the only copy of anything: whatever fails here is logged, and the target is asked.
package final class ObjectCache: Sendable {
    private let folder: String
    private let size: Int
    private let now: @Sendable () -> Timestamp
    private let logger: Logger
    /// Bytes added since the folder was last looked through; nil before the first time.
    private let added = Mutex<Int?>(nil)

    /// - Parameter size: bytes that all copies together may have; others that fill the folder at the same time may
    ///   exceed it by a sixteenth each.
    package init(
        folder: String, size: Int, logger: Logger, now: @escaping @Sendable () -> Timestamp = { .now() }
    ) {
        self.folder = folder
        self.size = size
        self.now = now
        self.logger = logger
    }

    /// Appends the bytes of `range`, or the whole object, when there is a copy that is sound.
    /// - Parameter space: the repository that the object is of.
    func read(_ key: ObjectKey, _ range: Range<Int>?, in space: String, into output: Buffer) -> Bool {
        let copy = CachedObject(path: path(of: key, space), key: key)
        do throws(EngineError) {
            return try copy.read(range, into: output, usedAt: now())
        } catch {
            if error.kind == .corrupt { unlink(copy.path) }
            logger.debug("cache: \(error)")
            return false
        }
    }

    /// Keeps a copy.
    func keep(_ bytes: RawSpan, of key: ObjectKey, in space: String) {
        let count = CachedObject.fileSize(of: bytes.byteCount)
        guard count <= size else { return }
        let path = path(of: key, space)
        do throws(EngineError) {
            try makeFolders(of: path)
            try CachedObject(path: path, key: key)
                .write(bytes, temporary: "\(folder)/.\(RandomName.make())", usedAt: now())
        } catch {
            logger.debug("cache: \(error)")
            return
        }
        let isTime = added.withLock { added in
            guard let before = added, before + count <= size / 16 else {
                added = 0
                return true
            }
            added = before + count
            return false
        }
        if isTime { evict() }
    }

    func drop(_ key: ObjectKey, in space: String) { unlink(path(of: key, space)) }

    /// Bytes of all files.
    package var bytes: Int { CacheFolderWalk(folder).files().reduce(0) { $0 + $1.size } }

    /// Takes away what was used longest ago, until a sixteenth of the size is free again; and what dead writers left.
    private func evict() {
        let files = CacheFolderWalk(folder).files()
        for file in files where file.isTemporary && file.used.adding(seconds: 3600) < now() { unlink(file.path) }
        var total = files.reduce(0) { $0 + $1.size }
        for file in files.sorted(by: { $0.used < $1.used }) where !file.isTemporary {
            guard total > size - size / 16 else { return }
            if unlink(file.path) == 0 { total -= file.size }
        }
    }

    private func path(of key: ObjectKey, _ space: String) -> String { "\(folder)/\(space)/\(key)" }

    private func makeFolders(of path: String) throws(EngineError) {
        for (index, letter) in zip(path.indices, path) where letter == "/" && index != path.startIndex {
            let folder = String(path[..<index])
            guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw .system("make the cache folder", folder) }
        }
    }
}
