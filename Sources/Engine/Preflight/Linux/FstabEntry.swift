/// A line of `/etc/fstab`.
struct FstabEntry: Equatable {
    let source: String
    let folder: String
    let type: String
    let options: [String]

    /// Nil for blank lines and comments.
    init?(_ line: Substring) {
        let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
        guard words.count >= 3, !words[0].hasPrefix("#") else { return nil }
        source = String(words[0].filter { $0 != "\"" })
        folder = String(words[1])
        type = String(words[2])
        options = words.count > 3 ? words[3].split(separator: ",").map(String.init) : []
    }

    /// Whether the VM starts without it.
    var isOptional: Bool { options.contains("nofail") || options.contains("noauto") }
    var isSwap: Bool { type == "swap" }

    /// The UUID in `UUID=…` or `/dev/disk/by-uuid/…`.
    var uuid: String? {
        for prefix in ["UUID=", "/dev/disk/by-uuid/"] where source.hasPrefix(prefix) {
            return String(source.dropFirst(prefix.count))
        }
        return nil
    }

    static func entries(of text: String) -> [FstabEntry] {
        text.split(whereSeparator: \.isNewline).compactMap { FstabEntry($0) }
    }
}
