import Engine

/// Walks folders of the server for files, one request a folder: servers rarely allow more depth.
struct WebDAVTree: Sendable {
    struct File: Sendable {
        let path: String
        let size: Int
        let modified: Timestamp
    }

    private let connections: Connections

    init(_ connections: Connections) { self.connections = connections }

    /// - Parameter enters: whether a folder is looked into.
    func files(
        below folder: String, where enters: (String) -> Bool = { _ in true }
    ) throws(EngineError) -> [File] {
        let answer = try connections.request("PROPFIND", folder, headers: ["Depth: 1"])
        if answer.status == 404 || answer.status == 405 { return [] }
        try answer.require(207...207, "list", folder)
        var files: [File] = []
        for entry in MultiStatus(answer.body).entries {
            guard let name = entry.name, !name.isEmpty else { continue }
            let path = folder.isEmpty ? name : folder + "/" + name
            // The folder itself is listed too, under its own name.
            if entry.isCollection {
                guard !entry.isSame(as: connections.url(of: folder)), !name.hasPrefix("."), enters(path) else {
                    continue
                }
                files += try self.files(below: path, where: enters)
            } else if let size = entry.size, let modified = entry.modified {
                files.append(File(path: path, size: size, modified: modified))
            }
        }
        return files
    }
}
