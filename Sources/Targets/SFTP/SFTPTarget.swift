package import Engine
import Synchronization
import Wire

/// A folder of an SSH server: each object is a file.
///
/// Crash story: bytes go to a file in `.tmp`, which gets the object's name by a hard link (or a rename that does not
/// overwrite) only once it is whole and durable. A crash leaves a temporary file at most; `sweep` removes it when it is
/// older than any put can last.
package final class SFTPTarget: Target {
    package static let name = "sftp"
    package static let summary = "a folder of an SSH server"
    package static let usualLayers = [PluginChoice].patientRemoteLayers

    private static let openingAttempts = 4

    package let capabilities: TargetCapabilities
    private let settings: Settings
    private let context: PluginContext
    private let opened = Mutex<SFTPFolder?>(nil)

    package init(_ settings: Settings, in context: PluginContext) throws(EngineError) {
        try settings.check()
        self.settings = settings
        self.context = context
        capabilities = TargetCapabilities(hasAtomicCreate: true, parallelism: settings.sessions)
    }

    package func open() async throws(EngineError) {
        let sessions = SFTPSessions(try settings.endpoint(context), limit: settings.sessions)
        let port = settings.port == 22 ? "" : ":\(settings.port)"
        let slash = settings.path.hasPrefix("/") ? "" : "/"
        let place = "sftp://\(settings.user)@\(settings.host)\(port)\(slash)\(settings.path)"
        let calls = SFTPCalls(sessions: sessions, place: place, attempts: settings.attempts)
        // Somebody may be waiting who has mistyped the port.
        let attempts = min(Self.openingAttempts, settings.attempts)
        let opening = SFTPCalls(sessions: sessions, place: place, attempts: attempts)
        do {
            let folder = try await SFTPFolder.open(settings.path, isDurable: settings.fsync, calls, opening: opening)
            opened.withLock { $0 = folder }
        } catch {
            sessions.close()
            throw error
        }
    }

    package func put(_ key: ObjectKey, _ content: Buffer) async throws(EngineError) {
        try await SFTPPut(key, content, in: try folder()).run()
    }

    package func begin(_ key: ObjectKey) async throws(EngineError) -> any ObjectUpload {
        SFTPUpload(key, in: try folder(), connections: settings.sessions)
    }

    package func get(_ key: ObjectKey, _ range: Range<Int>?, into output: Buffer) async throws(EngineError) {
        try await SFTPGet(key, range, output, in: try folder()).run()
    }

    package func size(of key: ObjectKey) async throws(EngineError) -> Int? {
        let folder = try folder()
        let found = try await folder.calls.run("look at \(key)") { (connection) throws(WireError) in
            try connection.attributes(folder.path(of: key))
        }
        guard let found, found.form == .file || found.form == .unsaid else { return nil }
        return found.size.map { Int(clamping: $0) }
    }

    package func delete(_ key: ObjectKey) async throws(EngineError) {
        let folder = try folder()
        try await folder.calls.run("delete \(key)") { (connection) throws(WireError) in
            do throws(WireError) {
                try connection.remove(folder.path(of: key))
            } catch {
                guard error.kind == .notFound else { throw error }
            }
        }
    }

    package func list(prefix: String) async throws(EngineError) -> [ListedObject] {
        try await SFTPListing(prefix, in: try folder()).objects()
    }

    package func sweep() async throws(EngineError) -> Int { try await SFTPSweep(folder: try folder()).run() }

    package func close() async {
        let folder = opened.withLock { opened in
            defer { opened = nil }
            return opened
        }
        folder?.calls.sessions.close()
    }

    private func folder() throws(EngineError) -> SFTPFolder {
        guard let folder = opened.withLock({ $0 }) else { throw EngineError(.bug, "the target sftp is not open") }
        return folder
    }
}
