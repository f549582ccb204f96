import Engine
import Synchronization
import Wire

/// The repository's folder on the server, with what is known of it.
final class SFTPFolder: Sendable {
    let root: String
    let isDurable: Bool
    let calls: SFTPCalls
    /// Folders below the root that exist and whose names survive a crash.
    private let known = Mutex<Set<String>>([])

    private static let forOwner: UInt32 = 0o700

    private init(root: String, isDurable: Bool, _ calls: SFTPCalls) {
        self.root = root
        self.isDurable = isDurable
        self.calls = calls
    }

    /// Where unfinished objects are.
    var temporary: String { root + "/.tmp" }

    func path(of key: ObjectKey) -> String { root + "/" + key.text }

    // MARK: Opening

    /// Finds the folder, or makes it when the one above is there.
    /// - Throws: `.notFound` when that is missing; `.configuration` when there is something else; `.unsupported` when the
    ///   server cannot publish objects safely.
    static func open(
        _ path: String, isDurable: Bool, _ calls: SFTPCalls, opening: SFTPCalls
    ) async throws(EngineError) -> SFTPFolder {
        let path = path.hasPrefix("~/") ? String(path.dropFirst(2)) : path
        let found = try await opening.run("use the folder") {
            (connection) throws(WireError) -> (String, SFTPAttributes?) in
            let start = path.hasPrefix("/") ? "" : try connection.realPath(".")
            let whole = trimmed(start == "" ? path : start + "/" + path)
            return (whole, try connection.attributes(whole))
        }
        let folder = SFTPFolder(root: found.0, isDurable: isDurable, calls)
        guard let attributes = found.1 else {
            try await folder.makeRoot()
            return folder
        }
        guard attributes.form == .folder || attributes.form == .unsaid else {
            throw EngineError(.configuration, "\(calls.place) is not a folder")
        }
        try await calls.run("list the folder") { (connection) throws(WireError) in
            try connection.walk([folder.root]) { _, _ in [] }
        }
        return folder
    }

    private func makeRoot() async throws(EngineError) {
        let above = Self.parent(of: root)
        let isThere = try await calls.run("create the folder") { (connection) throws(WireError) in
            guard try connection.attributes(above) != nil else { return false }
            try make(root, below: above, connection)
            return true
        }
        guard isThere else {
            throw EngineError(
                .notFound,
                "\(calls.place): neither \(root) nor the folder it would be in exists on the server: "
                    + "create that, or mount the disk")
        }
    }

    // MARK: Folders of objects

    /// Makes the folder of an object, with all above it up to the root, and returns its path.
    func makeFolder(of key: ObjectKey, _ connection: SFTPConnection) throws(WireError) -> String {
        guard let end = key.text.lastIndex(of: "/") else { return root }
        return try makeFolder(String(key.text[..<end]), connection)
    }

    /// Makes a file for an unfinished object, open for writing.
    /// - Parameter named: told the file's path before it is made.
    func makeFile(
        _ connection: SFTPConnection, _ named: (String) -> Void
    ) throws(WireError) -> (handle: SFTPHandle, path: String) {
        _ = try makeFolder(".tmp", connection)
        let path = temporary + "/" + RandomName.make()
        named(path)
        let handle = try connection.open(path, [.write, .create, .exclusive], permissions: 0o600)
        return (handle, path)
    }

    /// Forgets which folders there are, as somebody else may have removed one.
    func forgetFolders() { known.withLock { $0 = [] } }

    private func makeFolder(_ folder: String, _ connection: SFTPConnection) throws(WireError) -> String {
        if known.withLock({ $0.contains(folder) }) { return root + "/" + folder }
        var path = root
        for part in folder.split(separator: "/") {
            let above = path
            path += "/" + part
            try make(path, below: above, connection)
        }
        known.withLock { _ = $0.insert(folder) }
        return path
    }

    private func make(_ path: String, below above: String, _ connection: SFTPConnection) throws(WireError) {
        do throws(WireError) {
            try connection.makeFolder(path, permissions: Self.forOwner)
        } catch {
            // Version 3 does not say that it is there: look. Some servers say that it is denied.
            guard error.kind == .refusedByDevice || error.kind == .denied,
                try connection.attributes(path)?.form == .folder
            else { throw error }
        }
        // Even when it existed: whoever made it may not have got this far.
        try synchronize(above, connection)
    }

    /// Makes the names in a folder durable, where the server can. OpenSSH on Linux can.
    func synchronize(_ folder: String, _ connection: SFTPConnection) throws(WireError) {
        guard isDurable, connection.extensions.contains(.fsync) else { return }
        do throws(WireError) {
            let handle = try connection.open(folder, .read)
            defer { try? connection.closeUnasked(handle) }
            try connection.synchronize(handle, folder)
        } catch {
            // The server does not open folders as files: their names are as durable as its file system makes them.
            guard !connection.isBroken else { throw error }
        }
    }

    private static func trimmed(_ path: String) -> String {
        let parts = path.split(separator: "/").filter { $0 != "." }
        return "/" + parts.joined(separator: "/")
    }

    private static func parent(of path: String) -> String {
        "/" + path.split(separator: "/").dropLast().joined(separator: "/")
    }
}
