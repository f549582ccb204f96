import Engine

/// Where a differencing image says its parent is: paths of Windows, of which only what is beside or below helps here.
enum ParentPath {
    /// `..\base\disk.vhd` as a path of this machine; nil for one that begins at a drive or a share.
    static func relative(_ path: String) -> String? {
        let path = path.replacingBackslashes
        guard !path.isEmpty, !path.hasPrefix("/"), !path.dropFirst().hasPrefix(":") else { return nil }
        return path
    }

    /// The file's own name, for finding it beside the child.
    static func lastPart(_ path: String) -> String? {
        let name = path.replacingBackslashes.split(separator: "/").last.map(String.init)
        return name.flatMap { $0 == "." || $0 == ".." || $0.contains("\0") ? nil : $0 }
    }

    /// Opens the first of `paths` that is there.
    /// - Throws: `.notFound` with all of them; `.denied` for one that leads elsewhere when no other is there.
    static func open(
        _ paths: [String], from storage: any ImageStorage
    ) async throws(EngineError) -> any ImageStorage {
        var tried: [String] = []
        var refusal: EngineError?
        for path in paths where !tried.contains(path) {
            tried.append(path)
            do throws(EngineError) {
                return try await storage.related(path)
            } catch {
                if error.kind != .notFound { refusal = error }
            }
        }
        if let refusal { throw refusal }
        throw EngineError(
            .notFound,
            "\(storage.name) is the difference to a parent that is not there: looked for "
                + (tried.isEmpty ? "nothing, it names none" : tried.joined(separator: ", "))
                + "; put the parent beside it")
    }
}

extension String {
    fileprivate var replacingBackslashes: String { String(map { $0 == "\\" ? "/" : $0 }) }
}
