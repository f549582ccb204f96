import Engine

/// An object on its way into a folder: a temporary file, which goes with this if it did not become the object.
// Proof of @unchecked Sendable: one task uses an upload at a time, and nothing else refers to what it holds.
final class LocalUpload: ObjectUpload, @unchecked Sendable {
    private final class Draft {
        let file: TemporaryFile

        init(_ file: consuming TemporaryFile) { self.file = file }
    }

    private let path: String
    private let folder: String
    private let isDurable: Bool
    private var draft: Draft?
    /// Bytes.
    private var count = 0
    private var isPublished = false
    private var isFinished = false

    /// - Parameters: the path of the object; the folder that it is in, which is there.
    init(
        as path: String, in folder: String, _ temporary: TemporaryFolder, isDurable: Bool
    ) throws(EngineError) {
        self.path = path
        self.folder = folder
        self.isDurable = isDurable
        draft = Draft(try temporary.makeFile())
    }

    func append(_ buffer: Buffer, _ range: Range<Int>) async throws(EngineError) {
        let draft = try open()
        try buffer.withBytes(range) { bytes throws(EngineError) in try draft.file.write(bytes, at: count) }
        count += range.count
    }

    func finish() async throws(EngineError) {
        guard !isFinished else { return }
        if !isPublished {
            let draft = try open()
            if isDurable { try draft.file.synchronize() }
            try draft.file.publish(as: path)
            isPublished = true
        }
        draft = nil
        if isDurable { try OpenFile.synchronizeFolder(folder) }
        isFinished = true
    }

    func abandon() async { draft = nil }

    private func open() throws(EngineError) -> Draft {
        guard let draft else { throw EngineError(.bug, "the upload of \(path) goes on after it was given up") }
        return draft
    }
}
