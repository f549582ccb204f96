import Synchronization

/// Looks at all packs of a repository, several at once, in their order at the target.
struct PackSurvey: Sendable {
    let target: any Target
    /// Nil to look at checksums alone.
    let blobs: BlobReader?
    let progress: ProgressSink

    /// A pack that is not as it was written.
    struct Finding: Sendable {
        let pack: ListedPack
        var result: PackInspection.Result

        var key: ObjectKey { ObjectLayout.pack(pack.id, pack.kind) }
    }

    struct Result: Sendable {
        var findings: [Finding] = []
        /// Packs that were read whole and are good.
        var good: [PackID] = []
        var packsRead = 0
        var bytesRead: UInt64 = 0
        /// Packs that were gone when they were to be read.
        var gone: [PackID] = []
    }

    /// Bytes that all lanes together may hold of packs.
    private static let memory = 128 << 20

    /// - Parameters:
    ///   - packs: all.
    ///   - whole: those that are read whole; of the others only header and footer.
    func run(_ packs: [ListedPack], whole: Set<PackID>) async throws -> Result {
        let total = packs.reduce(UInt64(0)) { $0 + (whole.contains($1.id) ? UInt64($1.size) : 0) }
        let shared = Shared(packs, total: total)
        let largest = packs.reduce(1) { max($0, min($1.size, RepositoryFormat.packLimit)) }
        let lanes = max(1, min(whole.isEmpty ? target.capabilities.parallelism : 4, Self.memory / largest))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<lanes { group.addTask { try await lane(shared, whole) } }
            try await group.waitForAll()
        }
        var result = shared.state.withLock { $0.result }
        result.findings.sort { $0.key < $1.key }
        return result
    }

    /// What all lanes share.
    private final class Shared: Sendable {
        struct State {
            var next = 0
            var result = Result()
        }

        let packs: [ListedPack]
        let total: UInt64
        let state = Mutex(State())

        init(_ packs: [ListedPack], total: UInt64) {
            self.packs = packs
            self.total = total
        }

        func next() -> ListedPack? {
            state.withLock { state in
                guard state.next < packs.count else { return nil }
                defer { state.next += 1 }
                return packs[state.next]
            }
        }
    }

    private func lane(_ shared: Shared, _ whole: Set<PackID>) async throws {
        let memory = LaneMemory()
        while let pack = shared.next() {
            try Task.checkCancellation()
            if whole.contains(pack.id) {
                let result = try await inspect(pack, memory)
                let done = shared.state.withLock { state in
                    state.result.take(pack, result)
                    return state.result.bytesRead
                }
                progress(.checkAdvanced(done: done, total: shared.total))
            } else if let fault = try await frameFault(of: pack) {
                shared.state.withLock { $0.result.take(frameFault: fault, of: pack) }
            }
        }
    }

    private func frameFault(of pack: ListedPack) async throws -> FrameFault? {
        do {
            let frame = PackFrame(id: pack.id, kind: pack.kind)
            guard let reason = try await frame.fault(size: pack.size, at: target) else { return nil }
            return .damaged(reason)
        } catch {
            guard error.kind == .notFound else { throw error }
            return .gone
        }
    }

    enum FrameFault: Sendable {
        case gone
        case damaged(String)
    }

    /// - Returns: nil when the pack is gone.
    private func inspect(
        _ pack: ListedPack, _ memory: LaneMemory
    ) async throws -> PackInspection.Result? {
        if let fault = PackFrame(id: pack.id, kind: pack.kind).fault(ofSize: pack.size) {
            return PackInspection.Result(frameFault: fault)
        }
        let bytes = memory.pack(of: pack.size)
        do {
            try await target.get(ObjectLayout.pack(pack.id, pack.kind), 0..<pack.size, into: bytes)
        } catch {
            switch error.kind {
            case .notFound: return nil
            case .corrupt: return PackInspection.Result(frameFault: error.message)
            default: throw error
            }
        }
        let inspection = PackInspection(id: pack.id, kind: pack.kind, blobs: blobs)
        return bytes.withBytes { inspection.inspect($0, &memory.scratch) }
    }
}

/// The buffers of one lane, made larger when a pack needs it.
private final class LaneMemory {
    private var bytes = Buffer(capacity: 1)
    var scratch = Buffer(capacity: 1)

    /// An empty buffer for a pack of `size` bytes.
    func pack(of size: Int) -> Buffer {
        if bytes.capacity < size { bytes = Buffer(capacity: size) }
        bytes.removeAll()
        return bytes
    }
}

extension PackSurvey.Result {
    fileprivate mutating func take(_ pack: ListedPack, _ result: PackInspection.Result?) {
        guard let result else { return gone.append(pack.id) }
        packsRead += 1
        bytesRead += UInt64(pack.size)
        if result.isGood {
            good.append(pack.id)
        } else {
            findings.append(PackSurvey.Finding(pack: pack, result: result))
        }
    }

    fileprivate mutating func take(frameFault fault: PackSurvey.FrameFault, of pack: ListedPack) {
        switch fault {
        case .gone: gone.append(pack.id)
        case .damaged(let reason):
            findings.append(
                PackSurvey.Finding(pack: pack, result: PackInspection.Result(frameFault: reason)))
        }
    }
}
