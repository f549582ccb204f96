import Glibc
import Synchronization

/// Writes an export's file front to back, leaving out what is there already, and marks how far it is.
final class ExportSink: ImageSink {
    private let file: ImageFile
    private let behind: WriteBehind
    private let start: UInt64
    private let markPath: String
    private let subject: String
    private let isDurable: Bool
    private let step: UInt64
    private let state: Mutex<State>

    private struct State {
        var running: RunningSum
        /// The newest moment at which all writes before a place of the disk were done.
        var reached: ExportMark
        var marked: UInt64
        var isFinished = false
    }

    init(
        _ file: ImageFile, from start: ExportStart?, isDigested: Bool, markPath: String, subject: String,
        isDurable: Bool, step: UInt64
    ) {
        self.file = file
        behind = WriteBehind(file)
        self.start = start?.mark.file ?? 0
        self.markPath = markPath
        self.subject = subject
        self.isDurable = isDurable
        self.step = step
        let running = start?.running ?? RunningSum(isDigest: isDigested)
        let mark = start?.mark ?? ExportMark(subject: subject, disk: 0, file: 0, sum: running.text)
        state = Mutex(State(running: running, reached: mark, marked: mark.file))
    }

    /// Of the whole file; nil before it is finished, and when none is taken.
    var digest: Digest? { state.withLock { $0.isFinished ? $0.running.digest : nil } }

    /// Waits for writes that are on their way.
    func stop() async { await behind.stop() }

    func write(_ buffer: Buffer, _ range: Range<Int>, at offset: UInt64) async throws(EngineError) {
        guard offset >= start else { return }
        if let mark = due() { try await put(mark) }
        let position = state.withLock { $0.running.count }
        guard offset >= position else {
            throw EngineError(.bug, "bytes at \(offset) of an export that is at \(position)")
        }
        try await behind.write(buffer, range, at: offset)
        state.withLock { state in
            state.running.appendZeros(to: offset)
            buffer.withBytes(range) { state.running.append($0) }
        }
    }

    /// Everything of the disk before `done` has been written.
    func advance(_ done: UInt64) {
        state.withLock { state in
            guard done > state.reached.disk, state.running.count - state.marked >= step else { return }
            state.reached = ExportMark(
                subject: subject, disk: done, file: state.running.count, sum: state.running.text)
        }
    }

    private func due() -> ExportMark? {
        state.withLock { state in
            guard state.reached.file > state.marked else { return nil }
            state.marked = state.reached.file
            return state.reached
        }
    }

    /// The bytes become durable before the mark that speaks of them.
    private func put(_ mark: ExportMark) async throws(EngineError) {
        try await behind.settle()
        if isDurable { try file.file.synchronize() }
        try mark.write(markPath, isDurable: isDurable)
    }

    func finish(size: UInt64) async throws(EngineError) {
        try await behind.settle()
        try file.file.resize(to: size)
        if isDurable { try file.file.synchronize() }
        state.withLock { state in
            state.running.appendZeros(to: size)
            state.isFinished = true
        }
    }
}
