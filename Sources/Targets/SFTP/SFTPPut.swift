import Engine
import Wire

/// One put, which remembers how far it got, so that it can be run again when its connection broke.
///
/// A broken connection may leave a server process behind that still writes, so each upload has a file of its own. When
/// the connection broke while the object was being published, nobody knows whether it was: then the next run looks.
final class SFTPPut {
    private enum Outcome { case done, taken, noSpace, readOnly }

    private let key: ObjectKey
    private let content: Buffer
    private let folder: SFTPFolder
    private let path: String

    /// The file that holds the bytes; nil before an upload and after it failed.
    private var file: String?
    private var isWhole = false
    /// Whether a request to publish was sent whose outcome is unknown.
    private var mayBePublished = false
    private var isPublished = false

    init(_ key: ObjectKey, _ content: Buffer, in folder: SFTPFolder) {
        self.key = key
        self.content = content
        self.folder = folder
        path = folder.path(of: key)
    }

    func run() async throws(EngineError) {
        let outcome = try await folder.calls.run("put \(key)") { (connection) throws(WireError) in
            try attempt(connection)
        }
        switch outcome {
        case .done: return
        case .taken: throw EngineError(.alreadyExists, "\(folder.calls.place): \(key) is there already")
        case .noSpace:
            throw EngineError(
                .noSpace, "cannot put \(key) on \(folder.calls.place): no space is left; free some space and run again")
        case .readOnly:
            throw EngineError(
                .denied, "cannot put \(key) on \(folder.calls.place): the file system is mounted read-only")
        }
    }

    private func attempt(_ connection: SFTPConnection) throws(WireError) -> Outcome {
        if mayBePublished, let outcome = try resolve(connection) { return outcome }
        if !isPublished {
            do throws(WireError) {
                if let outcome = try upload(connection) { return outcome }
                if let outcome = try publish(connection) { return outcome }
            } catch {
                guard !connection.isBroken else { throw error }
                folder.forgetFolders()
                let reason = reason(for: error, connection)
                discard(connection)
                if let reason { return reason }
                throw error
            }
        }
        try finish(connection)
        return .done
    }

    // MARK: Uploading

    /// Writes the bytes to a file of their own, durably; `.taken` when the key is.
    private func upload(_ connection: SFTPConnection) throws(WireError) -> Outcome? {
        guard !isWhole else { return nil }
        if try connection.attributes(path) != nil { return .taken }
        try folder.makeTemporary(connection)
        discard(connection)
        let file = folder.temporary + "/" + RandomName.make()
        self.file = file
        let handle = try connection.open(file, [.write, .create, .exclusive], permissions: 0o600)
        do throws(WireError) {
            let bytes = UnsafeRawBufferPointer(rebasing: content.memory[..<content.count])
            try connection.write(bytes, to: handle, file) { Task.isCancelled }
            if folder.isDurable, connection.extensions.contains(.fsync) { try connection.synchronize(handle, file) }
        } catch {
            if !connection.isBroken { try connection.closeUnasked(handle) }
            throw error
        }
        try connection.close(handle)
        isWhole = true
        return nil
    }

    /// Removes the file of an upload that is of no more use; if that fails, a sweep will.
    private func discard(_ connection: SFTPConnection) {
        if let file { try? connection.remove(file) }
        file = nil
        isWhole = false
    }

    // MARK: Publishing

    /// Gives the file the object's name; `.taken` when somebody else was first.
    private func publish(_ connection: SFTPConnection) throws(WireError) -> Outcome? {
        guard let file else { return nil }
        _ = try folder.makeFolder(of: key, connection)
        let isFirst = !mayBePublished
        mayBePublished = true
        do throws(WireError) {
            if connection.extensions.contains(.hardlink) {
                try connection.link(file, as: path)
            } else {
                try connection.rename(file, to: path)
                self.file = nil
            }
        } catch {
            guard !connection.isBroken else { throw error }
            mayBePublished = false
            guard try connection.attributes(path) != nil else { throw error }
            // The request of a connection that broke may have come through only now.
            let isOurs = isFirst ? false : try holdsOurBytes(connection)
            guard isOurs else {
                discard(connection)
                return .taken
            }
        }
        isPublished = true
        return nil
    }

    /// Finds out what became of a request to publish that was never answered; nil when it has to be sent again.
    private func resolve(_ connection: SFTPConnection) throws(WireError) -> Outcome? {
        guard !isPublished, let file else { return nil }
        let object = try connection.attributes(path)
        let own = try connection.attributes(file)
        if object != nil {
            // A rename that succeeded took our file away; after a link both are there.
            let wasRenamed = own == nil && object?.size == UInt64(content.count)
            let isOurs = wasRenamed ? true : try holdsOurBytes(connection)
            guard isOurs else {
                discard(connection)
                return .taken
            }
            isPublished = true
        } else if own?.size != UInt64(content.count) {
            discard(connection)
            mayBePublished = false
        }
        return nil
    }

    /// Whether the object under the key is what we put.
    private func holdsOurBytes(_ connection: SFTPConnection) throws(WireError) -> Bool {
        let handle = try connection.open(path, .read)
        defer { try? connection.closeUnasked(handle) }
        guard try connection.attributes(of: handle).size == UInt64(content.count) else { return false }
        guard content.count > 0 else { return true }
        let found = Buffer(capacity: content.count)
        var filled = 0
        try connection.read(handle, from: 0, into: found.memory, filled: &filled, path) { false }
        found.markFilled(filled)
        return found.array == content.array
    }

    /// Removes the second name and makes the first durable.
    private func finish(_ connection: SFTPConnection) throws(WireError) {
        discard(connection)
        let end = path.lastIndex(of: "/") ?? path.startIndex
        try folder.synchronize(String(path[..<end]), connection)
    }

    // MARK: Reasons

    /// Version 3 has one word for most failures: what the file system says tells more.
    private func reason(for error: WireError, _ connection: SFTPConnection) -> Outcome? {
        guard error.kind == .refusedByDevice, connection.extensions.contains(.statvfs),
            let space = try? connection.space(at: folder.root)
        else { return nil }
        if space.isReadOnly { return .readOnly }
        return space.available < UInt64(max(content.count, 4096)) || space.isOutOfFiles ? .noSpace : nil
    }
}
