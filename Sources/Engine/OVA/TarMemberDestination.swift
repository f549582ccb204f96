import Synchronization

/// A file of a tar as the place where a disk image is written to: front to back, and hashed on the way.
final class TarMemberDestination: ImageDestination {
    let name: String
    let isStream = true
    private let outer: any ImageSink
    private let base: UInt64
    private let member = Mutex<TarMemberSink?>(nil)

    /// - Parameter base: where its first byte comes in the tar.
    init(name: String, sink: any ImageSink, at base: UInt64) {
        self.name = name
        outer = sink
        self.base = base
    }

    func begin(_ file: String) async throws(EngineError) -> any ImageSink {
        let sink = TarMemberSink(outer, at: base)
        let isFirst = member.withLock { member in
            defer { member = member ?? sink }
            return member == nil
        }
        guard isFirst else { throw EngineError(.unsupported, "a disk of several files cannot be in an OVA") }
        return sink
    }

    func commit() async throws(EngineError) {}
    func abandon() async {}

    /// Its bytes and their SHA-256.
    func finished() throws(EngineError) -> (count: UInt64, digest: String) {
        guard let result = member.withLock({ $0?.result }) else {
            throw EngineError(.bug, "\(name) was not written to its end")
        }
        return result
    }
}

private final class TarMemberSink: ImageSink {
    private struct State {
        var digest = RunningDigest()
        var size: UInt64?
    }

    private let outer: any ImageSink
    private let base: UInt64
    private let state = Mutex(State())

    init(_ outer: any ImageSink, at base: UInt64) {
        self.outer = outer
        self.base = base
    }

    var result: (count: UInt64, digest: String)? {
        state.withLock { state in state.size.map { ($0, state.digest.digest.description) } }
    }

    func write(_ buffer: Buffer, _ range: Range<Int>, at offset: UInt64) async throws(EngineError) {
        try skip(to: offset)
        state.withLock { state in buffer.withBytes(range) { state.digest.append($0) } }
        try await outer.write(buffer, range, at: base + offset)
    }

    func finish(size: UInt64) async throws(EngineError) {
        try skip(to: size)
        state.withLock { $0.size = size }
    }

    /// What nobody writes is zeros, in the digest too.
    private func skip(to offset: UInt64) throws(EngineError) {
        let isAhead = state.withLock { state in
            guard offset >= state.digest.count, state.size == nil else { return false }
            state.digest.appendZeros(to: offset)
            return true
        }
        guard isAhead else { throw EngineError(.bug, "bytes at \(offset) of a file in a tar that is behind that") }
    }
}
