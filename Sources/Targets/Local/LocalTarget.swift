package import Engine
import Glibc

/// A folder of this machine, or one mounted here: each object is a file.
///
/// Crash story: bytes go to a file in `.tmp`, which gets the object's name by a hard link only once it is whole and
/// durable. A crash leaves a temporary file at most; `sweep` removes it.
package struct LocalTarget: Target {
    package static let name = "local"
    package static let summary = "a folder of this machine, or a mounted one"

    package let capabilities = TargetCapabilities(hasAtomicCreate: true, parallelism: 4)
    private let root: String
    private let isDurable: Bool
    private let folders: ObjectFolders
    private let temporary: TemporaryFolder

    package init(_ settings: Settings, in context: PluginContext) throws(EngineError) {
        guard !settings.path.isEmpty else { throw EngineError(.configuration, "`path` is empty") }
        root = context.resolve(settings.path)
        isDurable = settings.fsync
        folders = ObjectFolders(root: root, isDurable: settings.fsync)
        temporary = TemporaryFolder(path: root + "/.tmp")
    }

    package func open() async throws(EngineError) {
        var status = stat()
        if stat(root, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw EngineError(.configuration, "\(root) is not a folder")
            }
            guard access(root, R_OK | X_OK) == 0 else { throw .system("use the folder", root) }
        } else if errno == ENOENT {
            try folders.makeRoot()
        } else {
            throw .system("use the folder", root)
        }
    }

    package func put(_ key: ObjectKey, _ content: Buffer) async throws(EngineError) {
        let path = path(of: key)
        guard access(path, F_OK) != 0 else { throw .system("create", path, code: EEXIST) }
        let upload = try LocalUpload(as: path, in: try folders.makeFolder(of: key), temporary, isDurable: isDurable)
        try await upload.append(content, 0..<content.count)
        try await upload.finish()
    }

    package func begin(_ key: ObjectKey) async throws(EngineError) -> any ObjectUpload {
        try LocalUpload(as: path(of: key), in: try folders.makeFolder(of: key), temporary, isDurable: isDurable)
    }

    package func get(_ key: ObjectKey, _ range: Range<Int>?, into output: Buffer) async throws(EngineError) {
        let file = try OpenFile(path(of: key), O_RDONLY)
        let status = try file.status()
        guard status.st_mode & S_IFMT == S_IFREG else { throw .system("open", file.path, code: ENOENT) }
        let size = Int(status.st_size)
        let wanted = range ?? 0..<size
        guard wanted.lowerBound >= 0, wanted.upperBound <= size else {
            throw EngineError(.corrupt, "\(file.path) has \(size) bytes; \(wanted.upperBound) are needed")
        }
        guard wanted.count <= output.room else {
            throw EngineError(.corrupt, "\(file.path): \(wanted.count) bytes where at most \(output.room) are expected")
        }
        try output.append(upTo: wanted.count) { space throws(EngineError) in
            let count = try file.read(into: space, at: UInt64(wanted.lowerBound))
            guard count == wanted.count else {
                throw EngineError(.corrupt, "\(file.path) became shorter while it was read")
            }
            return count
        }
    }

    package func size(of key: ObjectKey) async throws(EngineError) -> Int? {
        var status = stat()
        guard stat(path(of: key), &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw .system("look at", path(of: key))
        }
        return status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
    }

    package func delete(_ key: ObjectKey) async throws(EngineError) {
        guard unlink(path(of: key)) != 0, errno != ENOENT, errno != ENOTDIR else { return }
        throw .system("delete", path(of: key))
    }

    package func list(prefix: String) async throws(EngineError) -> [ListedObject] {
        try ObjectListing(root: root, prefix: prefix).objects()
    }

    package func sweep() async throws(EngineError) -> Int { try temporary.sweep(now: .now()) }

    package func close() async {}

    private func path(of key: ObjectKey) -> String { root + "/" + key.text }
}
