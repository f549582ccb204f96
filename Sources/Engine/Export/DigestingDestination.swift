import Synchronization

/// A destination that digests its files while they are written, those at least whose bytes come in ascending order.
final class DigestingDestination: ImageDestination {
    private let inner: any ImageDestination
    private let isActive: Bool
    private let sinks = Mutex<[DigestingSink]>([])

    /// - Parameter isActive: false to note the files only.
    init(_ inner: any ImageDestination, isActive: Bool) {
        self.inner = inner
        self.isActive = isActive
    }

    var name: String { inner.name }
    var isStream: Bool { inner.isStream }

    /// The files that were finished, the one that others are found by first. The digest is nil when bytes came out of
    /// order, or when none was asked for.
    var files: [(name: String, size: UInt64, digest: Digest?)] {
        let files = sinks.withLock { $0 }.compactMap { sink in sink.result.map { (sink.file, $0.size, $0.digest) } }
        return files.filter { $0.0 == name } + files.filter { $0.0 != name }
    }

    func begin(_ file: String) async throws(EngineError) -> any ImageSink {
        let sink = DigestingSink(try await inner.begin(file), file, isActive: isActive)
        sinks.withLock { $0.append(sink) }
        return sink
    }

    func commit() async throws(EngineError) { try await inner.commit() }
    func abandon() async { await inner.abandon() }
}

private final class DigestingSink: ImageSink {
    let file: String
    private let inner: any ImageSink
    private let running: Mutex<RunningDigest?>
    private let finished = Mutex<(size: UInt64, digest: Digest?)?>(nil)

    init(_ inner: any ImageSink, _ file: String, isActive: Bool) {
        self.inner = inner
        running = Mutex(isActive ? RunningDigest() : nil)
        self.file = file
    }

    var result: (size: UInt64, digest: Digest?)? { finished.withLock { $0 } }

    func write(_ buffer: Buffer, _ range: Range<Int>, at offset: UInt64) async throws(EngineError) {
        try await inner.write(buffer, range, at: offset)
        running.withLock { running in
            guard running.map({ $0.count <= offset }) ?? false else { return running = nil }
            running?.appendZeros(to: offset)
            buffer.withBytes(range) { running?.append($0) }
        }
    }

    func finish(size: UInt64) async throws(EngineError) {
        try await inner.finish(size: size)
        let digest = running.withLock { running -> Digest? in
            running?.appendZeros(to: size)
            return running?.digest
        }
        finished.withLock { $0 = (size, digest) }
    }
}
