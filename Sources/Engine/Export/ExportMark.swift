import FoundationEssentials
import Glibc

/// How far an export has come that can be continued: everything of the disk before `disk` lies in the file before `file`.
struct ExportMark: Sendable, Codable, Equatable {
    /// What the file depends on: the disk and everything that was chosen. Another export cannot go on here.
    let subject: String
    /// Bytes of the disk.
    let disk: UInt64
    /// Bytes of the file.
    let file: UInt64
    /// Of these bytes of the file, as `RunningSum` says it.
    let sum: String

    /// Bytes. A larger file is none of ours.
    private static let limit = 64 << 10

    /// - Returns: nil when there is none, or none that can be read.
    static func read(_ path: String) throws(EngineError) -> ExportMark? {
        guard access(path, F_OK) == 0 else { return nil }
        let file = try OpenFile(path, O_RDONLY)
        let buffer = Buffer(capacity: limit)
        try buffer.append(upTo: limit) { space throws(EngineError) in try file.read(into: space, at: 0) }
        return try? JSONDecoder().decode(ExportMark.self, from: Data(buffer.array))
    }

    /// Puts the mark in place of the one before; a crash leaves one of the two.
    func write(_ path: String, isDurable: Bool) throws(EngineError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        guard let text = try? encoder.encode(self) else { throw EngineError(.bug, "a mark that cannot be encoded") }
        let draft = path + ".new"
        let file = try OpenFile(draft, O_WRONLY | O_CREAT | O_TRUNC)
        try file.write([UInt8](text).span.bytes, at: 0)
        if isDurable { try file.synchronize() }
        guard rename(draft, path) == 0 else { throw .system("replace", path) }
    }
}
