import Foundation

/// A folder of one test; it goes when the test ends.
final class Workplace: Sendable {
    let path: String

    init(_ name: String) throws {
        path = FileManager.default.temporaryDirectory.path + "/ahvault-\(name)-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    /// A folder in another one.
    init(inside other: Workplace, _ name: String) throws {
        path = other.file(name)
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    /// Writes a text file that only its owner can read; returns its path.
    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        let written = FileManager.default.createFile(
            atPath: file(name), contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        guard written else { throw StageError("\(file(name)) cannot be written") }
        return file(name)
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: file(name)) }

    /// Every file below a folder of this place, sorted; paths start at the workplace.
    func files(below folder: String) -> [String] {
        let paths = FileManager.default.enumerator(atPath: file(folder))?.compactMap { $0 as? String } ?? []
        return paths.map { folder + "/" + $0 }.filter { isFile(file($0)) }.sorted()
    }

    /// Bytes of all files below a folder.
    func size(of folder: String) -> Int {
        files(below: folder).reduce(0) { sum, path in
            let attributes = try? FileManager.default.attributesOfItem(atPath: file(path))
            return sum + (attributes?[.size] as? Int ?? 0)
        }
    }

    private func isFile(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
    }
}
