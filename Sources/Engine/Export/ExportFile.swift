import Glibc
import Synchronization

/// A file that an image is exported to front to back, so that an interrupted export can go on where it was.
///
/// Bytes go to `.NAME.partial`; every so often they are made durable, and `.NAME.partial.mark` says how far they are to be
/// trusted. After a crash both are left, and nothing under the file's own name.
final class ExportFile: ImageDestination {
    let name: String
    let isStream = true
    private let path: String
    private let folder: String
    private let subject: String
    private let replaces: Bool
    private let isDigested: Bool
    private let isDurable: Bool
    private let step: UInt64
    private let state = Mutex(State())

    private struct State {
        var file: ImageFile?
        var start: ExportStart?
        var sink: ExportSink?
    }

    /// - Parameters:
    ///   - subject: what the bytes depend on, as text of one line.
    ///   - replaces: whether a file of this name is replaced.
    ///   - isDigested: whether `digest` is wanted.
    ///   - step: bytes of the file between two marks; each costs a wait until the disk has everything; `.max` for none.
    init(_ path: String, subject: String, replaces: Bool, isDigested: Bool, isDurable: Bool, step: UInt64) {
        let slash = path.lastIndex(of: "/")
        name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        folder = slash.map { $0 == path.startIndex ? "" : String(path[..<$0]) } ?? "."
        self.path = path
        self.subject = subject
        self.replaces = replaces
        self.isDigested = isDigested
        self.isDurable = isDurable
        self.step = step
    }

    var partial: String { "\(folder)/.\(name).partial" }
    private var markPath: String { partial + ".mark" }

    /// Takes the place, so that nobody else exports there at the same time.
    /// - Parameter resumes: whether to go on with what an interrupted export has left.
    /// - Returns: how many bytes of the disk are done.
    /// - Throws: `.alreadyExists`; `.configuration` when the one before exported something else.
    func prepare(resumes: Bool) throws(EngineError) -> UInt64 {
        if !replaces, access(path, F_OK) == 0 {
            throw EngineError(.alreadyExists, "\(path) is there already: remove it, or give --replace")
        }
        let file = ImageFile(try OpenFile(partial, O_RDWR | O_CREAT), isDurable: isDurable)
        if file.file.lock(waits: false) == .taken {
            throw EngineError(.failed, "another export to \(path) is going on")
        }
        let start = try resumes ? earlierStart(file) : nil
        unlinkMark(unless: start != nil)
        try file.file.resize(to: start?.mark.file ?? 0)
        state.withLock { $0 = State(file: file, start: start) }
        return start?.mark.disk ?? 0
    }

    private func unlinkMark(unless isKept: Bool) {
        if !isKept { unlink(markPath) }
    }

    /// - Throws: `.configuration` when there is something else; nil when there is nothing that can be trusted.
    private func earlierStart(_ file: ImageFile) throws(EngineError) -> ExportStart? {
        guard let mark = try ExportMark.read(markPath) else { return nil }
        guard mark.subject == subject else {
            throw EngineError(
                .configuration,
                "what was begun at \(path) is another disk or has other settings: leave --resume out to begin anew")
        }
        var found = RunningSum(isDigest: RunningSum.isDigest(mark.sum))
        var running = RunningSum(isDigest: isDigested)
        guard mark.file <= UInt64(max(0, try file.file.status().st_size)) else { return nil }
        let buffer = Buffer(capacity: 1 << 20)
        while running.count < mark.file {
            buffer.removeAll()
            let most = Int(min(UInt64(buffer.capacity), mark.file - running.count))
            let offset = running.count
            try buffer.append(upTo: most) { space throws(EngineError) in try file.file.read(into: space, at: offset) }
            guard buffer.count == most else { return nil }
            buffer.withBytes { found.append($0) }
            if RunningSum.isDigest(mark.sum) != isDigested {
                buffer.withBytes { running.append($0) }
            } else {
                running = found
            }
            if Task.isCancelled { throw EngineError(.cancelled, "cancelled") }
        }
        return found.text == mark.sum ? ExportStart(mark: mark, running: running) : nil
    }

    /// Tells how much of the disk has been written.
    func advance(_ done: UInt64) { state.withLock { $0.sink }?.advance(done) }

    /// Of the finished file.
    var digest: Digest? { state.withLock { $0.sink }?.digest }

    func begin(_ file: String) async throws(EngineError) -> any ImageSink {
        try state.withLock { state throws(EngineError) in
            guard let open = state.file, state.sink == nil, file == name else {
                throw EngineError(.bug, "\(file) is begun out of turn")
            }
            let sink = ExportSink(
                open, from: state.start, isDigested: isDigested, markPath: markPath, subject: subject,
                isDurable: isDurable, step: step)
            state.sink = sink
            return sink
        }
    }

    func commit() async throws(EngineError) {
        if replaces {
            guard rename(partial, path) == 0 else { throw .system("put the image at", path) }
        } else {
            guard link(partial, path) == 0 else { throw .system("create", path) }
            unlink(partial)
        }
        unlink(markPath)
        if isDurable { try OpenFile.synchronizeFolder(folder.isEmpty ? "/" : folder) }
        letGo()
    }

    private func letGo() {
        state.withLock { state in
            state.file?.file.unlock()
            state.file = nil
        }
    }

    /// Whether an export that is abandoned now can be continued.
    var canResume: Bool { access(markPath, F_OK) == 0 }

    func abandon() async {
        guard state.withLock({ $0.file }) != nil else { return }
        await state.withLock { $0.sink }?.stop()
        if !canResume { unlink(partial) }
        letGo()
    }
}

/// Where an export goes on, and the digest of everything before.
struct ExportStart: Sendable {
    let mark: ExportMark
    let running: RunningSum
}
