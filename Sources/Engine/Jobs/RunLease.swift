import Glibc

/// Says that a run is alive, for as long as this value's file stays locked; the kernel lets go of it when the process
/// dies, however it dies.
package final class RunLease: Sendable {
    package let name: String
    /// The proxy whose leases are in this folder.
    package let proxy: String
    private let descriptor: Int32
    private let path: String

    /// - Parameters:
    ///   - folder: of this proxy's leases; made when absent.
    ///   - tag: of the repository.
    package init(in folder: String, tag: String) throws(EngineError) {
        var generator = SystemRandomNumberGenerator()
        name = tag + "-" + String(PackID.random(using: &generator).description.prefix(10))
        path = Self.path(folder, name)
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw .system("make the folder", folder) }
        proxy = try ProxyName.of(folder)
        descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system("create", path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw .system("lock", path) }
    }

    deinit {
        unlink(path)
        close(descriptor)
    }

    /// Whether the run of that name is alive on this machine. The lease of a dead one is removed.
    package static func isRunning(_ name: String, in folder: String) -> Bool {
        guard !name.contains("/") else { return false }
        let path = path(folder, name)
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return errno == EWOULDBLOCK }
        // First, so that a crash between the two cannot hide that this run died.
        SweepMark.removeAll(in: folder, tag: String(name.prefix { $0 != "-" }))
        unlink(path)
        return false
    }

    /// Finds this proxy's runs that died, and removes their leases.
    static func buryDead(in folder: String) {
        for name in FolderNames.of(folder) where name.hasSuffix(suffix) {
            _ = isRunning(String(name.dropLast(suffix.count)), in: folder)
        }
    }

    private static let suffix = ".run"

    private static func path(_ folder: String, _ name: String) -> String { "\(folder)/\(name)\(suffix)" }
}
