import Synchronization

/// Turns blobs into packs of one kind and stores them. Lanes append at once: each is given a place in the pack under the
/// lock and copies its blob there without it. The last lane to leave a full pack stores it while the others go on with
/// the next.
///
/// A crash leaves packs that no manifest needs; their blobs are found again by the next run.
final class PackStream: Sendable {
    /// Called for each pack that has become durable.
    typealias Stored = @Sendable ([BlobEntry], Int) async throws(EngineError) -> Void

    private struct State {
        /// The pack that is filled now.
        var filling: FillingPack?
        /// Full packs into which lanes still copy.
        var closing: [Int: FillingPack] = [:]
        var nextNumber = 0
        /// Numbers of packs that are closing or being stored.
        var inFlight: Set<Int> = []
        var failure: EngineError?
        var waiting: [(before: Int, continuation: CheckedContinuation<Void, Never>)] = []

        func hasPackInFlight(before number: Int) -> Bool { inFlight.contains { $0 < number } }
    }

    /// A pack and how many lanes copy into it right now.
    private struct FillingPack {
        var builder: PackBuilder
        let number: Int
        var copying = 0
    }

    private enum Step {
        case copy(into: Buffer, at: Int, number: Int)
        case needsBuffer
        case store(FillingPack)
        case again
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
            switch try state.withLock({ state throws(EngineError) in try Self.place(blob, in: &state) }) {
            case .copy(let buffer, let offset, let number):
                blob.bytes.withBytes { buffer.fill($0, at: offset) }
                let full = state.withLock { Self.leave(number, &$0) }
                if let full { try await store(full) }
                return
            case .needsBuffer: await offer(pool.acquire())
            case .store(let full): try await store(full)
            case .again: break
            }
        }
    }

    private static func place(_ blob: EncodedBlob, in state: inout State) throws(EngineError) -> Step {
        if let failure = state.failure { throw failure }
        // Looked at in place: a copy of the pack would make `reserve` copy its table.
        guard let number = state.filling?.number, let buffer = state.filling?.builder.buffer else {
            return .needsBuffer
        }
        guard state.filling?.builder.hasRoom(for: blob.bytes.count) == true,
            let offset = state.filling?.builder.reserve(blob)
        else { return close(&state).map { .store($0) } ?? .again }
        state.filling?.copying += 1
        return .copy(into: buffer, at: offset, number: number)
    }

    /// Takes no more blobs into the pack.
    /// - Returns: the pack when it can be stored; nil when a lane that still copies into it will do so.
    private static func close(_ state: inout State) -> FillingPack? {
        guard let pack = state.filling else { return nil }
        state.filling = nil
        state.inFlight.insert(pack.number)
        guard pack.copying > 0 else { return pack }
        state.closing[pack.number] = pack
        return nil
    }

    /// A lane has copied its blob.
    /// - Returns: the pack if it is full and this lane was the last.
    private static func leave(_ number: Int, _ state: inout State) -> FillingPack? {
        if state.filling?.number == number {
            state.filling?.copying -= 1
            return nil
        }
        state.closing[number]?.copying -= 1
        guard state.closing[number]?.copying == 0 else { return nil }
        return state.closing.removeValue(forKey: number)
    }

    private func offer(_ buffer: Buffer) {
        var generator = SystemRandomNumberGenerator()
        let builder = PackBuilder(id: .random(of: session, using: &generator), kind: kind, buffer: buffer)
        let isTaken = state.withLock { state in
            guard state.filling == nil else { return false }
            state.filling = FillingPack(builder: builder, number: state.nextNumber)
            state.nextNumber += 1
            return true
        }
        if !isTaken { pool.release(buffer) }
    }

    private func store(_ pack: FillingPack) async throws(EngineError) {
        let builder = pack.builder
        do {
            builder.finish()
            try await target.put(ObjectLayout.pack(builder.id, kind), builder.buffer)
            try await parity?.put(builder.id, kind, builder.buffer)
            try await stored(builder.blobEntries, builder.buffer.count)
            finish(pack.number, builder, failure: nil)
        } catch {
            failed(builder.entries.map(\.id))
            finish(pack.number, builder, failure: error)
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
        let full: FillingPack? = state.withLock { state in
            guard let pack = state.filling, !pack.builder.entries.isEmpty else { return nil }
            return Self.close(&state)
        }
        if let full { try await store(full) }
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

    /// Gives back what is not full, after a failure or a cancellation. No lane appends any more.
    func abandon() async {
        let pack = state.withLock { state in
            defer { state.filling = nil }
            return state.filling
        }
        if let pack {
            failed(pack.builder.entries.map(\.id))
            pool.release(pack.builder.buffer)
        }
        await drain()
    }
}
