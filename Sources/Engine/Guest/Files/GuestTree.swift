/// Finds files of a guest by their paths, as the guest would: links are followed, within the same file system.
package struct GuestTree: Sendable {
    package let files: any GuestFileSystem

    private static let mostLinks = 20
    private static let mostParts = 200

    package init(_ files: any GuestFileSystem) { self.files = files }

    /// What stands at a path from the root, links followed; nil when nothing does.
    package func node(_ path: String) async throws(EngineError) -> GuestNode? {
        var left = Self.parts(path)
        var above: [GuestNode] = []
        var here = try await files.node(files.root)
        var links = 0
        var walked = 0
        while !left.isEmpty {
            let part = left.removeFirst()
            walked += 1
            guard walked <= Self.mostParts else { return nil }
            if part == ".." {
                here = above.popLast() ?? here
                continue
            }
            guard here.kind == .folder, let next = try await child(part, of: here) else { return nil }
            guard next.kind == .link else {
                above.append(here)
                here = next
                continue
            }
            links += 1
            guard links <= Self.mostLinks else { return nil }
            let target = try await target(of: next)
            left = Self.parts(target) + left
            guard left.count <= Self.mostParts else { return nil }
            if target.hasPrefix("/") {
                above = []
                here = try await files.node(files.root)
            }
        }
        return here
    }

    /// Names in the folder at `path`, sorted; none when there is no such folder.
    package func names(in path: String) async throws(EngineError) -> [String] {
        guard let folder = try await node(path), folder.kind == .folder else { return [] }
        return try await files.entries(of: folder).map(\.name).sorted()
    }

    package func file(_ path: String) async throws(EngineError) -> GuestFile? {
        guard let node = try await node(path), node.kind == .file else { return nil }
        return try await files.content(of: node)
    }

    /// The text of a file, or its beginning.
    package func text(_ path: String, limit: Int = 1 << 20) async throws(EngineError) -> String? {
        guard let file = try await file(path) else { return nil }
        return String(decoding: try await file.bytes(limit: limit), as: UTF8.self)
    }

    package func exists(_ path: String) async throws(EngineError) -> Bool { try await node(path) != nil }

    private func child(_ name: String, of folder: GuestNode) async throws(EngineError) -> GuestNode? {
        let folded = name.lowercased()
        let entry = try await files.entries(of: folder).first {
            files.isCaseSensitive ? $0.name == name : $0.name.lowercased() == folded
        }
        guard let entry else { return nil }
        return try await files.node(entry.reference)
    }

    private func target(of link: GuestNode) async throws(EngineError) -> String {
        String(decoding: try await files.content(of: link).bytes(limit: 4096), as: UTF8.self)
    }

    private static func parts(_ path: String) -> [String] {
        path.split(separator: "/").filter { $0 != "." }.map(String.init)
    }
}
