import Engine
import Glibc

/// The folder for what can be made again: the catalog of restore points, and the leases of running work. Only its owner
/// can read it.
struct CacheFolder: Sendable {
    let path: String

    var catalog: String { path + "/catalog.sqlite" }
    /// File that remembers which packs of a repository were checked, and when.
    /// - Parameter repository: its id.
    func checks(of repository: String) -> String { path + "/checked-" + repository }
    /// Folder of the leases that tell running work from left-overs.
    var leases: String { path + "/runs" }

    /// Folder of the journals of exports to Azure that are going on or were interrupted: they name what is paid for.
    var azureExports: String { path + "/azure" }

    /// - Parameter configured: absolute, or nil for the user's own cache.
    /// - Throws: `.configuration` when there is neither.
    init(configured: String?, environment: (String) -> String?) throws(EngineError) {
        if let configured {
            path = configured
        } else if let cache = environment("XDG_CACHE_HOME"), cache.hasPrefix("/") {
            path = cache + "/ahvault"
        } else if let home = environment("HOME"), home.hasPrefix("/") {
            path = home + "/.cache/ahvault"
        } else {
            throw EngineError(
                .configuration, "there is no place for a cache: set HOME, or `cache: /some/folder` in the configuration"
            )
        }
    }

    /// Makes the folder, and those above it, where they are missing.
    func prepare() throws(EngineError) {
        var made = ""
        for part in path.split(separator: "/") {
            made += "/" + part
            guard mkdir(made, 0o700) == 0 || errno == EEXIST else { throw .system("make the cache folder", made) }
        }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw EngineError(.configuration, "the cache \(path) is no folder")
        }
        if status.st_uid == geteuid(), status.st_mode & 0o077 != 0 { chmod(path, 0o700) }
    }
}
