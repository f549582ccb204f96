import Glibc

/// Says in this proxy's folder that nothing was left behind on a source, so that runs need not look for it each time:
/// to look takes the newest manifest of every VM.
///
/// A run of the repository that is found dead, or that could not clean up, takes the marks of its repository away, and
/// the next run looks. So does any run when the mark is older than a day. Without the folder there is no mark.
struct SweepMark: Sendable {
    private let path: String
    private let tag: String
    private let folder: String

    /// Seconds.
    private static let validity = 86_400
    private static let suffix = ".swept"

    /// - Parameters:
    ///   - folder: of this proxy's run leases.
    ///   - tag: of the repository.
    init(in folder: String, tag: String, source: String) {
        let name = source.utf8.prefix(100).map { String($0, radix: 16) }.joined()
        path = "\(folder)/\(tag)-\(name)\(Self.suffix)"
        self.tag = tag
        self.folder = folder
    }

    /// Whether somebody looked today, and nothing has gone wrong since.
    var isValid: Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { return false }
        return (0..<Self.validity).contains(time(nil) - status.st_mtim.tv_sec)
    }

    /// Nothing is left behind now. What cannot be written costs the next run a look.
    func set() {
        unlink(path)
        let descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        if descriptor >= 0 { close(descriptor) }
    }

    /// Something may have been left behind by a run of this repository.
    func remove() { Self.removeAll(in: folder, tag: tag) }

    /// The same, on whichever source.
    static func removeAll(in folder: String, tag: String) {
        for name in FolderNames.of(folder) where name.hasPrefix("\(tag)-") && name.hasSuffix(suffix) {
            unlink("\(folder)/\(name)")
        }
    }
}
