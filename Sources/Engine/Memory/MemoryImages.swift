import Synchronization

/// A folder of disk images in memory: for contracts, and for trying readers with bytes of one's own.
package final class MemoryImages: Sendable {
    private let files = Mutex<[String: [UInt8]]>([:])

    package init() {}

    package subscript(name: String) -> [UInt8]? {
        get { files.withLock { $0[name] } }
        set { files.withLock { $0[name] = newValue } }
    }

    package var names: [String] { files.withLock { $0.keys.sorted() } }

    /// The file called `name` for a reader.
    package func storage(_ name: String) throws(EngineError) -> any ImageStorage {
        guard let bytes = self[name] else { throw EngineError(.notFound, "no \(name) in memory") }
        return MemoryStorage(name: name, bytes: bytes, folder: self)
    }

    /// A place to write an image called `name` to.
    /// - Parameter room: bytes that fit; what is beyond fails as a full disk does.
    package func destination(_ name: String, isStream: Bool = false, room: UInt64 = .max) -> any ImageDestination {
        MemoryDestination(name: name, isStream: isStream, room: room, folder: self)
    }
}

/// Bytes of an array as the file of an image: blocks of zeros are its holes.
private struct MemoryStorage: ImageStorage {
    let name: String
    let bytes: [UInt8]
    let folder: MemoryImages

    private static let hole = 4096

    var size: UInt64 { UInt64(bytes.count) }

    func extents(in range: ByteRange) async throws(EngineError) -> [DiskExtent] {
        var list = ExtentList()
        var start = Int(range.start)
        while start < Int(range.end) {
            let end = min((start / Self.hole + 1) * Self.hole, Int(range.end))
            list.append(ByteRange(UInt64(start), UInt64(end)), isZero: bytes[start..<end].allSatisfy { $0 == 0 })
            start = end
        }
        return list.extents
    }

    func read(_ range: ByteRange, into output: Buffer) async throws(EngineError) {
        output.append(bytes.span.bytes.extracting(Int(range.start)..<Int(range.end)))
    }

    func related(_ path: String) async throws(EngineError) -> any ImageStorage {
        guard !path.contains("/") else { throw EngineError(.denied, "\(name) names \(path), which is elsewhere") }
        return try folder.storage(path)
    }
}

private final class MemoryDestination: ImageDestination {
    let name: String
    let isStream: Bool
    private let room: UInt64
    private let folder: MemoryImages
    private let sinks = Mutex<[String: MemorySink]>([:])

    init(name: String, isStream: Bool, room: UInt64, folder: MemoryImages) {
        self.name = name
        self.isStream = isStream
        self.room = room
        self.folder = folder
    }

    func begin(_ file: String) async throws(EngineError) -> any ImageSink {
        let sink = MemorySink(isStream: isStream, room: room)
        sinks.withLock { $0[file] = sink }
        return sink
    }

    func commit() async throws(EngineError) {
        for (file, sink) in sinks.withLock({ $0 }) { folder[file] = try sink.finished() }
    }

    func abandon() async { sinks.withLock { $0 = [:] } }
}

private final class MemorySink: ImageSink {
    private struct State {
        var bytes: [UInt8] = []
        var size: UInt64?
    }

    private let isStream: Bool
    private let room: UInt64
    private let state = Mutex(State())

    init(isStream: Bool, room: UInt64) {
        self.isStream = isStream
        self.room = room
    }

    func write(_ buffer: Buffer, _ range: Range<Int>, at offset: UInt64) async throws(EngineError) {
        try need(offset + UInt64(range.count))
        let isInOrder = state.withLock { state in
            let start = Int(offset)
            if state.size != nil || (isStream && start < state.bytes.count) { return false }
            if state.bytes.count < start + range.count {
                state.bytes.append(contentsOf: repeatElement(0, count: start + range.count - state.bytes.count))
            }
            buffer.withBytes(range) { bytes in
                bytes.withUnsafeBytes { state.bytes.replaceSubrange(start..<(start + range.count), with: $0) }
            }
            return true
        }
        guard isInOrder else { throw EngineError(.bug, "a write at \(offset), behind the place or the end of a sink") }
    }

    func finish(size: UInt64) async throws(EngineError) {
        try need(size)
        let isEnough = state.withLock { state in
            guard state.bytes.count <= Int(size) else { return false }
            state.bytes.append(contentsOf: repeatElement(0, count: Int(size) - state.bytes.count))
            state.size = size
            return true
        }
        guard isEnough else { throw EngineError(.bug, "a sink ends at \(size), before what was written") }
    }

    func finished() throws(EngineError) -> [UInt8] {
        let bytes = state.withLock { $0.size == nil ? nil : $0.bytes }
        guard let bytes else { throw EngineError(.bug, "a sink that was not finished is committed") }
        return bytes
    }

    private func need(_ count: UInt64) throws(EngineError) {
        guard count <= room else { throw EngineError(.noSpace, "cannot write: no room left in memory") }
    }
}
