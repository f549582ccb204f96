import Engine
import Synchronization
import Wire

/// The file that the parts of one object are written to, each where it belongs, also by several connections.
///
/// A part whose connection broke is written again, to the same place of the same file: a server process that was left
/// behind and still writes can only write the same bytes there.
final class SFTPParts: PartPlace {
    private let key: ObjectKey
    private let folder: SFTPFolder
    private let made = Mutex<String?>(nil)

    /// So many parts are made durable at once: a server that had to write all of a large object in the end would be
    /// silent for longer than a connection lives.
    private static let durableParts = 8

    init(_ key: ObjectKey, in folder: SFTPFolder) {
        self.key = key
        self.folder = folder
    }

    /// The file's path; nil before the first part.
    var file: String? { made.withLock { $0 } }

    func begin() async throws(EngineError) {
        try await run { (connection) throws(WireError) in
            let (handle, file) = try folder.makeFile(connection) { _ in }
            try connection.close(handle)
            made.withLock { $0 = file }
        }
    }

    func put(_ part: UploadPart) async throws(EngineError) {
        guard let file else { throw EngineError(.bug, "the upload of \(key) goes on after it was given up") }
        try await run(needed: part.range.count) { (connection) throws(WireError) in
            let handle = try connection.open(file, .write)
            defer { if !connection.isBroken { try? connection.closeUnasked(handle) } }
            let bytes = UnsafeRawBufferPointer(rebasing: part.content.memory[part.range])
            try connection.write(bytes, to: handle, from: UInt64(part.offset), file) { Task.isCancelled }
            guard part.number.isMultiple(of: Self.durableParts), folder.isDurable,
                connection.extensions.contains(.fsync)
            else { return }
            try connection.synchronize(handle, file)
        }
    }

    /// Removes the file, if that works at once; else the sweep will.
    func remove() async {
        guard let file else { return }
        made.withLock { $0 = nil }
        let calls = folder.calls
        let once = SFTPCalls(sessions: calls.sessions, place: calls.place, attempts: 1)
        await detached {
            try? await once.run("clean up") { (connection) throws(WireError) in try connection.remove(file) }
        }
    }

    private func run(
        needed: Int = 0, _ body: (SFTPConnection) throws(WireError) -> Void
    ) async throws(EngineError) {
        let outcome = try await folder.calls.run("put \(key)") { (connection) throws(WireError) -> SFTPOutcome in
            do throws(WireError) {
                try body(connection)
                return .done
            } catch {
                guard !connection.isBroken, let reason = SFTPOutcome(error, needed: needed, folder, connection) else {
                    throw error
                }
                return reason
            }
        }
        try outcome.check(key, folder.calls.place)
    }
}
