import Engine
import Wire

/// An object on its way to a folder of the server piece by piece: as a put if it turns out small, else in a file that
/// several connections write parts of.
// Proof of @unchecked Sendable: one task uses an upload at a time, and nothing else refers to what it holds.
final class SFTPUpload: ObjectUpload, @unchecked Sendable {
    /// Bytes.
    private static let partSize = 8 << 20
    private static let mostInFlight = 4

    private let key: ObjectKey
    private let folder: SFTPFolder
    private let place: SFTPParts
    private let parts: PartStream<SFTPParts>
    private let draft: SFTPDraft
    private var put: SFTPPut?
    private var isFinished = false

    init(_ key: ObjectKey, in folder: SFTPFolder, connections: Int) {
        self.key = key
        self.folder = folder
        place = SFTPParts(key, in: folder)
        parts = PartStream(
            to: place, PartSizes(all: Self.partSize), what: "put \(key)", atOnce: min(Self.mostInFlight, connections))
        draft = SFTPDraft(key, in: folder)
    }

    func append(_ buffer: Buffer, _ range: Range<Int>) async throws(EngineError) {
        try await parts.append(buffer, range)
    }

    func finish() async throws(EngineError) {
        guard !isFinished else { return }
        if parts.isBegun {
            try await publish()
        } else {
            let put = put ?? SFTPPut(key, parts.unsent ?? Buffer(capacity: 1), in: folder)
            self.put = put
            try await put.run()
        }
        isFinished = true
    }

    func abandon() async {
        guard !isFinished else { return }
        await parts.stop()
        await place.remove()
    }

    private func publish() async throws(EngineError) {
        _ = try await parts.finish()
        guard let file = place.file else {
            throw EngineError(.bug, "the upload of \(key) is finished after it was given up")
        }
        draft.file = file
        draft.size = parts.count
        let outcome = try await folder.calls.run("put \(key)") { (connection) throws(WireError) in
            try draft.publish(connection) { () throws(WireError) in try seal(file, connection) }
        }
        try outcome.check(key, folder.calls.place)
    }

    /// Makes the file durable, which has to have all bytes; `.taken` when the key is.
    private func seal(_ file: String, _ connection: SFTPConnection) throws(WireError) -> SFTPOutcome? {
        if try connection.attributes(draft.path) != nil { return .taken }
        let handle = try connection.open(file, .write)
        do throws(WireError) {
            guard try connection.attributes(of: handle).size.map({ Int(clamping: $0) }) == parts.count else {
                throw WireError(.protocolViolation, "\(file) has not the bytes that were written to it")
            }
            try draft.synchronize(handle, file, connection)
        } catch {
            if !connection.isBroken { try connection.closeUnasked(handle) }
            throw error
        }
        try connection.close(handle)
        return nil
    }
}
