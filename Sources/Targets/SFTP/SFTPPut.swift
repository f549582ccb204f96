import Engine
import Wire

/// One put, which remembers how far it got, so that it can be run again when its connection broke.
///
/// A broken connection may leave a server process behind that still writes, so each attempt has a file of its own.
final class SFTPPut {
    private let key: ObjectKey
    private let content: Buffer
    private let folder: SFTPFolder
    private let draft: SFTPDraft

    init(_ key: ObjectKey, _ content: Buffer, in folder: SFTPFolder) {
        self.key = key
        self.content = content
        self.folder = folder
        draft = SFTPDraft(key, in: folder)
        draft.size = content.count
        draft.needed = content.count
    }

    func run() async throws(EngineError) {
        let outcome = try await folder.calls.run("put \(key)") { (connection) throws(WireError) in
            try draft.publish(connection) { () throws(WireError) in try write(connection) }
        }
        try outcome.check(key, folder.calls.place)
    }

    /// Writes the bytes to a file of their own, durably; `.taken` when the key is.
    private func write(_ connection: SFTPConnection) throws(WireError) -> SFTPOutcome? {
        if try connection.attributes(draft.path) != nil { return .taken }
        draft.discard(connection)
        let (handle, file) = try folder.makeFile(connection) { draft.file = $0 }
        do throws(WireError) {
            let bytes = UnsafeRawBufferPointer(rebasing: content.memory[..<content.count])
            try connection.write(bytes, to: handle, file) { Task.isCancelled }
            try draft.synchronize(handle, file, connection)
        } catch {
            if !connection.isBroken { try connection.closeUnasked(handle) }
            throw error
        }
        try connection.close(handle)
        return nil
    }
}
