import Glibc
import Logging

@testable import Engine

/// A folder of its own for one test, gone when nobody holds it any more.
final class ScratchFolder: Sendable {
    let path: String

    init() { path = "/tmp/ahvault-test-" + RandomName.make() }

    deinit { Self.remove(path) }

    /// With this folder as the cache, and no log.
    var context: PluginContext {
        PluginContext(
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), cacheDirectory: path)
    }

    /// The files in it and below, as paths, sorted.
    var files: [String] { Self.files(below: path).sorted() }

    private static func files(below path: String) -> [String] {
        entries(of: path).flatMap { entry in
            let below = files(below: entry)
            return below.isEmpty && !isFolder(entry) ? [entry] : below
        }
    }

    private static func remove(_ path: String) {
        for entry in entries(of: path) {
            if isFolder(entry) { remove(entry) } else { unlink(entry) }
        }
        rmdir(path)
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func entries(of path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append("\(path)/\(name)") }
        }
        return names
    }
}
