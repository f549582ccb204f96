import Engine
import FoundationEssentials
import Glibc
import ImageFiles
import Logging

/// A folder with raw images for one test, removed when the test lets go of it.
final class ImageFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/ahvault-images-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw EngineError.system("create", "a folder in /tmp") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { remove() }

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    /// A blank image.
    func makeImage(_ name: String, size: UInt64) throws {
        try OpenFile(path + "/" + name, O_RDWR | O_CREAT | O_EXCL).resize(to: size)
    }

    func write(_ bytes: [UInt8], to name: String, at offset: UInt64) throws {
        try OpenFile(path + "/" + name, O_RDWR | O_CREAT).write(bytes.span.bytes, at: offset)
    }

    func read(_ name: String) throws -> [UInt8] {
        let file = try OpenFile(path + "/" + name, O_RDONLY)
        let size = Int(try file.status().st_size)
        let buffer = Buffer(capacity: max(1, size))
        try buffer.append(upTo: size) { space throws(EngineError) in try file.read(into: space, at: 0) }
        return buffer.array
    }

    func exists(_ name: String) -> Bool { access(path + "/" + name, F_OK) == 0 }

    /// Paths of all files and temporary folders below `folder`, sorted.
    func files(below folder: String) -> [String] {
        (try? FileManager.default.subpathsOfDirectory(atPath: path + "/" + folder))?.sorted() ?? []
    }

    /// Bytes that a file takes on the disk.
    func room(of name: String) throws -> Int {
        var status = stat()
        guard stat(path + "/" + name, &status) == 0 else { throw EngineError.system("look at", name) }
        return Int(status.st_blocks) * 512
    }

    /// A source over images of this folder, as a configuration would give it.
    func source(
        disks: [[String: String]], changes: String = "scan",
        extra: [String: String] = ["state": "state", "restore": "out"]
    ) throws -> ImageFilesSource {
        let machine = Self.map([
            ("name", Self.text("web 01")), ("id", Self.text("vm/1")),
            ("disks", Self.list(disks.map { disk in Self.map(disk.map { ($0.key, Self.text($0.value)) }) })),
        ])
        var entries = [("machines", Self.list([machine])), ("changes", Self.text(changes))]
        entries += extra.map { ($0.key, Self.text($0.value)) }
        return try ImageFilesSource(
            .decode(Self.map(entries)), in: PluginContext(logger: Logger(label: "test"), baseDirectory: path))
    }

    static func text(_ text: String) -> Setting { Setting(.scalar(text), at: "test:1:1") }
    static func list(_ items: [Setting]) -> Setting { Setting(.list(items), at: "test:1:1") }
    static func map(_ entries: [(String, Setting)]) -> Setting {
        Setting(.map(entries.map { Setting.Entry(key: $0.0, place: "test:1:1", value: $0.1) }), at: "test:1:1")
    }
}
