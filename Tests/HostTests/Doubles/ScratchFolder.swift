import Foundation

/// A folder of a test's own, gone when the test is.
final class ScratchFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "/ahvault-host-tests-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file; returns its path.
    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        let file = path + "/" + name
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        return file
    }

    func permissions(of name: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path + "/" + name)
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
    }

    /// Names below a folder of this one, sorted; none when it is absent.
    func names(in folder: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: path + "/" + folder))?.sorted() ?? []
    }

    func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: path + "/" + name, withIntermediateDirectories: true)
    }

    /// Every file below a folder of this one, sorted; paths start at the folder of the test.
    func files(below folder: String) -> [String] {
        let start = path + "/" + folder
        let paths = FileManager.default.enumerator(atPath: start)?.compactMap { $0 as? String } ?? []
        return paths.filter { name in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: start + "/" + name, isDirectory: &isFolder)
                && !isFolder.boolValue
        }.map { folder + "/" + $0 }.sorted()
    }

    /// Puts another file in the place of one that may be read-only.
    func replace(_ name: String, with text: String) throws {
        try FileManager.default.removeItem(atPath: path + "/" + name)
        try write(text, to: name)
    }
}
