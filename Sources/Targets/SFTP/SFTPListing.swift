import Engine
import Wire

/// One listing, which goes on with the folders it has not seen when its connection broke.
///
/// What is no object of ours is passed over: names with a leading dot or letters no key has, links, devices.
final class SFTPListing {
    private let prefix: String
    private let folder: SFTPFolder
    private var found: [ListedObject] = []
    /// Folders still to be read, as parts of keys: empty, or with a slash at the end.
    private var open: Set<String> = []

    init(_ prefix: String, in folder: SFTPFolder) {
        self.prefix = prefix
        self.folder = folder
    }

    /// In byte order of their keys.
    func objects() async throws(EngineError) -> [ListedObject] {
        var start = ""
        if let end = prefix.lastIndex(of: "/") { start = try ObjectKey(String(prefix[..<end])).text + "/" }
        open = [start]
        try await folder.calls.run("list \(prefix.isEmpty ? "the folder" : prefix)") { (connection) throws(WireError) in
            let skip = folder.root.utf8.count + 1
            try connection.walk(open.map { folder.root + "/" + $0 }) { path, names in
                let part = String(decoding: path.utf8.dropFirst(skip), as: UTF8.self)
                let inner = take(names, of: part)
                open.remove(part)
                open.formUnion(inner)
                return inner.map { folder.root + "/" + $0 }
            }
        }
        return found.sorted { $0.key < $1.key }
    }

    /// Keeps the objects of a folder; returns the folders in it.
    private func take(_ names: [SFTPName], of part: String) -> [String] {
        var inner: [String] = []
        for entry in names where !entry.name.hasPrefix(".") {
            let text = part + entry.name
            guard text.hasPrefix(prefix) || prefix.hasPrefix(text + "/"), let key = try? ObjectKey(text) else {
                continue
            }
            switch entry.attributes.form {
            case .folder: inner.append(text + "/")
            case .file where text.hasPrefix(prefix):
                let modified = Timestamp(milliseconds: Int64(entry.attributes.modified ?? 0) * 1000)
                found.append(
                    ListedObject(key: key, size: Int(clamping: entry.attributes.size ?? 0), modified: modified))
            default: continue
            }
        }
        return inner
    }
}
