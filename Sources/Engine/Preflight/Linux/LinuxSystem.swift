/// A Linux on the disks, as far as its file systems can be read.
struct LinuxSystem: Sendable {
    /// Nil when only the kernels could be read.
    let root: GuestTree?
    /// What is mounted at `/boot`; nil when it is a folder of the root.
    let boot: GuestTree?
    /// As `/etc/os-release` calls it.
    let name: String?
    /// Words such as `debian` or `rhel fedora`.
    let family: String
    /// Volumes whose newest changes stand in journals.
    let unrecovered: [String]

    static let kernelPrefixes = ["vmlinuz-", "vmlinux-", "kernel-", "Image-"]

    /// Nil when there is none, or none that can be read.
    static func find(in survey: GuestSurvey) async throws(EngineError) -> LinuxSystem? {
        var trees: [(name: String, tree: GuestTree)] = []
        for volume in survey.volumes where volume.signature?.kind.isOfLinux == true {
            if let tree = try await quietly({ () async throws(EngineError) in try await volume.open() }) ?? nil {
                trees.append((volume.name, tree))
            }
        }
        var root: (name: String, tree: GuestTree)?
        var boot: (name: String, tree: GuestTree)?
        for candidate in trees {
            if root == nil, try await isRoot(candidate.tree) {
                root = candidate
            } else if boot == nil, try await hasKernels(candidate.tree, in: "/") {
                boot = candidate
            }
        }
        if let root, try await hasKernels(root.tree, in: "/boot") { boot = nil }
        guard root != nil || boot != nil else { return nil }
        var release: [String: String] = [:]
        if let root { release = try await Self.release(of: root.tree) }
        return LinuxSystem(
            root: root?.tree, boot: boot?.tree, name: release["PRETTY_NAME"],
            family: [release["ID"], release["ID_LIKE"]].compactMap { $0 }.joined(separator: " "),
            unrecovered: [root, boot].compactMap { $0 }.filter { $0.tree.files.needsRecovery }.map(\.name))
    }

    var isDebian: Bool { family.contains("debian") || family.contains("ubuntu") }

    /// A file below `/boot`, wherever that is.
    func bootFile(_ path: String) async throws(EngineError) -> GuestFile? {
        if let boot { return try await boot.file(path) }
        return try await root?.file("/boot" + path)
    }

    func bootNames(in path: String) async throws(EngineError) -> [String] {
        if let boot { return try await boot.names(in: path) }
        return try await root?.names(in: "/boot" + path) ?? []
    }

    func bootText(_ path: String) async throws(EngineError) -> String? {
        guard let file = try await bootFile(path) else { return nil }
        return String(decoding: try await file.bytes(limit: 1 << 20), as: UTF8.self)
    }

    private static func isRoot(_ tree: GuestTree) async throws(EngineError) -> Bool {
        for path in ["/etc/os-release", "/usr/lib/os-release", "/etc/fstab"] {
            if try await quietly({ () async throws(EngineError) in try await tree.exists(path) }) == true {
                return true
            }
        }
        return false
    }

    private static func hasKernels(_ tree: GuestTree, in path: String) async throws(EngineError) -> Bool {
        let names = try await quietly { () async throws(EngineError) in try await tree.names(in: path) } ?? []
        return names.contains { name in kernelPrefixes.contains { name.hasPrefix($0) } }
    }

    private static func release(of tree: GuestTree) async throws(EngineError) -> [String: String] {
        var values: [String: String] = [:]
        for path in ["/usr/lib/os-release", "/etc/os-release"] {
            let text = try await quietly { () async throws(EngineError) in try await tree.text(path) } ?? nil
            for line in (text ?? "").split(whereSeparator: \.isNewline) {
                let parts = line.split(separator: "=", maxSplits: 1)
                guard parts.count == 2 else { continue }
                values[String(parts[0])] = String(parts[1].filter { $0 != "\"" })
            }
        }
        return values
    }

    /// Nil where the file system cannot be read: what is missing is told by those who look for it.
    private static func quietly<R: Sendable>(
        _ body: () async throws(EngineError) -> R
    ) async throws(EngineError) -> R? {
        do throws(EngineError) {
            return try await body()
        } catch {
            guard error.kind != .cancelled else { throw error }
            return nil
        }
    }
}
