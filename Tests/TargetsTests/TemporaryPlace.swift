import Engine
import FoundationEssentials
import Glibc
import Logging
import Targets

/// A folder for one test, removed with all it holds when the test lets go of it.
final class TemporaryPlace: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/ahvault-targets-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw EngineError.system("create", "a folder in /tmp") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A target in `folder` of this place, not opened.
    func target(_ folder: String = "repository", fsync: Bool = true) throws -> LocalTarget {
        let values = [("path", folder), ("fsync", fsync ? "true" : "false")].map { key, text in
            Setting.Entry(key: key, place: "test:1:1", value: Setting(.scalar(text), at: "test:1:1"))
        }
        let context = PluginContext(logger: Logger(label: "test"), baseDirectory: path)
        return try LocalTarget(.decode(Setting(.map(values), at: "test:1:1")), in: context)
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        try OpenFile(path + "/" + name, O_WRONLY | O_CREAT | O_TRUNC).write(bytes.span.bytes, at: 0)
    }

    /// Names in a folder, sorted; none when it is absent.
    func names(in folder: String) -> [String] {
        guard let stream = opendir(path + "/" + folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        return names.filter { $0 != "." && $0 != ".." }.sorted()
    }
}
