import Engine

/// Where in a bucket or container a repository begins.
struct ObjectPrefix: Sendable {
    /// Empty, or it ends in a slash.
    let text: String

    /// - Throws: `.configuration` for what no store takes as a part of a name.
    init(_ written: String) throws(EngineError) {
        let parts = written.split(separator: "/")
        guard !written.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }), written.utf8.count <= 400,
            !parts.contains("."), !parts.contains("..")
        else {
            throw EngineError(
                .configuration, "`prefix`: at most 400 bytes, without control characters, `.` and `..` as parts")
        }
        text = parts.isEmpty ? "" : parts.joined(separator: "/") + "/"
    }

    /// The object's whole name.
    func name(of key: ObjectKey) -> String { text + key.text }

    /// The key of an object that a listing names; nil when it is none of ours.
    func key(of name: String) -> ObjectKey? {
        guard name.hasPrefix(text) else { return nil }
        return try? ObjectKey(String(name.dropFirst(text.count)))
    }
}
