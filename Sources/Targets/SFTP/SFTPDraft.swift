import Engine
import Wire

/// A file on its way to being an object. It remembers how far it got, so that it can go on when its connection broke.
///
/// When the connection broke while the object was being published, nobody knows whether it was: then the next run looks.
final class SFTPDraft {
    private let key: ObjectKey
    private let folder: SFTPFolder
    let path: String

    /// The file that holds the bytes; nil while there is none, and after a failure that is no connection's.
    var file: String?
    /// Bytes of the whole object.
    var size = 0
    /// Bytes that are still to be written.
    var needed = 0
    /// Whether the file holds all of them, durably.
    private var isWhole = false
    /// Whether a request to publish was sent whose outcome is unknown.
    private var mayBePublished = false
    private var isPublished = false

    init(_ key: ObjectKey, in folder: SFTPFolder) {
        self.key = key
        self.folder = folder
        path = folder.path(of: key)
    }

    /// Makes the file whole by `fill`, unless it is, and gives it the object's name.
    func publish(
        _ connection: SFTPConnection, filledBy fill: () throws(WireError) -> SFTPOutcome?
    ) throws(WireError) -> SFTPOutcome {
        if mayBePublished, let outcome = try resolve(connection) { return outcome }
        if !isPublished {
            do throws(WireError) {
                if !isWhole, let outcome = try fill() { return outcome }
                isWhole = true
                if let outcome = try publish(connection) { return outcome }
            } catch {
                guard !connection.isBroken else { throw error }
                folder.forgetFolders()
                let reason = SFTPOutcome(error, needed: needed, folder, connection)
                discard(connection)
                if let reason { return reason }
                throw error
            }
        }
        try finish(connection)
        return .done
    }

    /// Makes what was written to an open file durable, where the server can.
    func synchronize(_ handle: SFTPHandle, _ file: String, _ connection: SFTPConnection) throws(WireError) {
        if folder.isDurable, connection.extensions.contains(.fsync) { try connection.synchronize(handle, file) }
    }

    /// Removes a file that is of no more use; if that fails, a sweep will.
    func discard(_ connection: SFTPConnection) {
        if let file { try? connection.remove(file) }
        file = nil
        isWhole = false
    }

    /// Gives the file the object's name; `.taken` when somebody else was first.
    private func publish(_ connection: SFTPConnection) throws(WireError) -> SFTPOutcome? {
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
            let isOurs = isFirst ? false : try isOurFile(connection)
            guard isOurs else {
                discard(connection)
                return .taken
            }
        }
        isPublished = true
        return nil
    }

    /// Finds out what became of a request to publish that was never answered; nil when it has to be sent again.
    private func resolve(_ connection: SFTPConnection) throws(WireError) -> SFTPOutcome? {
        guard !isPublished, let file else { return nil }
        let object = try connection.attributes(path)
        let own = try connection.attributes(file)
        if object != nil {
            // A rename that succeeded took our file away; after a link both are there.
            let wasRenamed = own == nil && object?.size == UInt64(size)
            let isOurs = wasRenamed ? true : try isOurFile(connection)
            guard isOurs else {
                discard(connection)
                return .taken
            }
            isPublished = true
        } else if own?.size != UInt64(size) {
            discard(connection)
            mayBePublished = false
        }
        return nil
    }

    /// Whether the object under the key is our file by its second name: then what is done to one is seen at the other.
    ///
    /// What is done is to set the time of its last read, which nobody asks for, to a random one. A read in between
    /// changes it, so a second look decides.
    private func isOurFile(_ connection: SFTPConnection) throws(WireError) -> Bool {
        guard let file else { return false }
        for _ in 0..<2 {
            guard let own = try connection.attributes(file), let modified = own.modified,
                let object = try connection.attributes(path), object.size == own.size, object.modified == modified
            else { return false }
            let mark = UInt32.random(in: 1..<1_000_000_000)
            try connection.setTimes(of: file, accessed: mark, modified: modified)
            if try connection.attributes(path)?.accessed == mark { return true }
        }
        return false
    }

    /// Removes the second name and makes the first durable.
    private func finish(_ connection: SFTPConnection) throws(WireError) {
        discard(connection)
        let end = path.lastIndex(of: "/") ?? path.startIndex
        try folder.synchronize(String(path[..<end]), connection)
    }
}
