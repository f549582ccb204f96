import Synchronization

/// Turns blobs into packs of one kind and stores them. Lanes append at once; the lane that fills a pack stores it while
/// the others go on with the next.
///
/// A crash leaves packs that no manifest needs; their blobs are found again by the next run.
final class PackStream: Sendable {
    /// Called for each pack that has become durable.
    typealias Stored = @Sendable ([BlobEntry], Int) async throws(EngineError) -> Void

    private struct State {
        var builder: PackBuilder?
        var nextNumber = 0
        /// Numbers of packs that are being stored.
        var inFlight: Set<Int> = []
        var failure: EngineError?
        var waiting: [(before: Int, continuation: CheckedContinuation<Void, Never>)] = []

        func hasPackInFlight(before number: Int) -> Bool { inFlight.contains { $0 < number } }
    }

    private enum Step {
        case done
        case needsBuffer
        case store(PackBuilder, Int)
    }

    private let kind: PackKind
    private let target: any Target
    private let parity: ParityWriter?
    private let session: SessionID
    private let pool: BufferPool
    private let stored: Stored
    private let failed: @Sendable ([Digest]) -> Void
    private let state = Mutex(State())

    init(
        kind: PackKind, target: any Target, parity: ParityWriter? = nil, session: SessionID, pool: BufferPool,
        stored: @escaping Stored, failed: @escaping @Sendable ([Digest]) -> Void
    ) {
        self.kind = kind
        self.target = target
        self.parity = parity
        self.session = session
        self.pool = pool
        self.stored = stored
        self.failed = failed
    }

    /// Takes the blob in; it is durable after the next `flush`.
    /// - Throws: the first error of any pack of this stream.
    func append(_ blob: EncodedBlob) async throws(EngineError) {
        while true {
            let step = try state.withLock { state throws(EngineError) in try Self.append(blob, to: &state) }
            switch step {
            case .done: return
            case .needsBuffer: await offer(pool.acquire())
            case .store(let builder, let number): try await store(builder, number)
            }
        }
    }

    private static func append(_ blob: EncodedBlob, to state: inout State) throws(EngineError) -> Step {
        if let failure = state.failure { throw failure }
        guard let builder = state.builder else { return .needsBuffer }
        guard builder.hasRoom(for: blob.bytes.count) else { return seal(builder, &state) }
        state.builder?.append(blob)
        return .done
    }

    private static func seal(_ builder: PackBuilder, _ state: inout State) -> Step {
        state.builder = nil
        let number = state.nextNumber
        state.nextNumber += 1
        state.inFlight.insert(number)
        return .store(builder, number)
    }

    private func offer(_ buffer: Buffer) {
        var generator = SystemRandomNumberGenerator()
        let builder = PackBuilder(id: .random(of: session, using: &generator), kind: kind, buffer: buffer)
        let isTaken = state.withLock { state in
            guard state.builder == nil else { return false }
            state.builder = builder
            return true
        }
        if !isTaken { pool.release(buffer) }
    }

    private func store(_ builder: PackBuilder, _ number: Int) async throws(EngineError) {
        do {
            builder.finish()
            try await target.put(ObjectLayout.pack(builder.id, kind), builder.buffer)
            try await parity?.put(builder.id, kind, builder.buffer)
            try await stored(builder.blobEntries, builder.buffer.count)
            finish(number, builder, failure: nil)
        } catch {
            failed(builder.entries.map(\.id))
            finish(number, builder, failure: error)
            throw error
        }
    }

    private func finish(_ number: Int, _ builder: PackBuilder, failure: EngineError?) {
        pool.release(builder.buffer)
        let resumed = state.withLock { state in
            state.inFlight.remove(number)
            if state.failure == nil { state.failure = failure }
            let waiting = state.waiting
            state.waiting = waiting.filter { state.hasPackInFlight(before: $0.before) }
            return waiting.filter { !state.hasPackInFlight(before: $0.before) }.map(\.continuation)
        }
        for continuation in resumed { continuation.resume() }
    }

    /// Returns when every blob appended so far is durable.
    /// - Throws: the first error of any pack of this stream.
    func flush() async throws(EngineError) {
        let step: Step = state.withLock { state in
            guard let builder = state.builder, !builder.entries.isEmpty else { return .done }
            return Self.seal(builder, &state)
        }
        if case .store(let builder, let number) = step { try await store(builder, number) }
        await drain()
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    /// Waits for the packs in flight.
    private func drain() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                guard state.hasPackInFlight(before: state.nextNumber) else { return true }
                state.waiting.append((state.nextNumber, continuation))
                return false
            }
            if isIdle { continuation.resume() }
        }
    }

    /// Gives back what is not sealed, after a failure or a cancellation.
    func abandon() async {
        let builder = state.withLock { state in
            defer { state.builder = nil }
            return state.builder
        }
        if let builder {
            failed(builder.entries.map(\.id))
            pool.release(builder.buffer)
        }
        await drain()
    }
}
