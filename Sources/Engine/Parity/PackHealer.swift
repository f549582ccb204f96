import Synchronization

/// Brings damaged packs back from their parity, in memory. Nothing at the target changes: `repository repair` does that.
///
/// Keeps the pack healed last, as damage comes in clusters, and remembers which packs needed it, so that a run can say
/// so.
package final class PackHealer: Sendable {
    /// What healing one pack came to.
    package enum Outcome: Sendable {
        /// The pack as it was written, and the numbers of the shards that were made anew.
        case healed(Buffer, shards: [Int])
        /// Why it cannot be done.
        case impossible(String)
    }

    private struct State {
        var last: (pack: PackID, outcome: Outcome)?
        var helped: Set<PackID> = []
    }

    private let target: any Target
    private let coder: (any ParityCoder)?
    private let state = Mutex(State())

    package init(target: any Target, coder: (any ParityCoder)?) {
        self.target = target
        self.coder = coder
    }

    /// Packs whose blobs were given out healed: they are still damaged at the target.
    package var helped: [PackID] { state.withLock { $0.helped.sorted() } }

    /// The bytes of one blob, its header included; nil when parity does not help.
    /// - Throws: what the target throws, except what only says that objects are damaged or missing.
    package func blob(at location: BlobLocation) async throws(EngineError) -> Buffer? {
        guard case .healed(let pack, _) = try await heal(location.pack, location.kind),
            location.fetchRange.upperBound <= pack.count
        else { return nil }
        state.withLock { _ = $0.helped.insert(location.pack) }
        let blob = Buffer(capacity: location.fetchCount)
        pack.withBytes(location.fetchRange) { blob.append($0) }
        return blob
    }

    /// The whole pack as it was written.
    /// - Throws: what the target throws, except what only says that objects are damaged or missing.
    package func heal(_ id: PackID, _ kind: PackKind) async throws(EngineError) -> Outcome {
        guard let coder else { return .impossible("this program has no parity") }
        if let last = state.withLock({ $0.last }), last.pack == id { return last.outcome }
        let outcome = try await Healing(target: target, coder: coder, id: id, kind: kind).run()
        state.withLock { $0.last = (id, outcome) }
        return outcome
    }
}

/// The healing of one pack.
private struct Healing {
    let target: any Target
    let coder: any ParityCoder
    let id: PackID
    let kind: PackKind

    func run() async throws(EngineError) -> PackHealer.Outcome {
        let object: Buffer
        let parity: ParityObject
        do {
            object = try await target.get(ObjectLayout.parity(id), limit: RepositoryFormat.packLimit)
            parity = try object.withBytes { bytes throws(EngineError) in
                try ParityObject(parsing: bytes, of: id, kind)
            }
        } catch  where error.kind == .notFound {
            return .impossible("the pack has no parity")
        } catch  where error.kind == .corrupt || error.kind == .unsupported {
            return .impossible("its parity is damaged: \(error.message)")
        }
        let shape = parity.shape
        let shards = try await read(shape)
        var missing = damagedData(shards, parity)
        let lostParity = object.withBytes { parity.damagedParity(in: $0) }
        for number in 0..<shape.parityShards {
            if lostParity.contains(number) {
                shards.appendZeros(shape.shardSize)
                missing.append(shape.dataShards + number)
            } else {
                let start = ParityObject.headCount(shape) + number * shape.shardSize
                object.withBytes(start..<(start + shape.shardSize)) { shards.append($0) }
            }
        }
        guard missing.count <= shape.parityShards else {
            let numbers = missing.map(String.init).joined(separator: ", ")
            return .impossible(
                "\(missing.count) of its \(shape.shards) shards are damaged (\(numbers)), "
                    + "parity makes good \(shape.parityShards)")
        }
        if !missing.isEmpty { try coder.rebuild(missing, of: shards, shape) }
        guard damagedData(shards, parity).isEmpty else { return .impossible("its parity does not fit it") }
        shards.truncate(to: shape.packCount)
        return .healed(shards, shards: missing.filter { $0 < shape.dataShards })
    }

    /// Reads the pack shard by shard, zeros where it cannot be read.
    private func read(_ shape: ParityShape) async throws(EngineError) -> Buffer {
        let key = ObjectLayout.pack(id, kind)
        let size = try await target.size(of: key) ?? 0
        let shards = Buffer(capacity: shape.shards * shape.shardSize)
        for shard in 0..<shape.dataShards {
            let range = shape.bytes(ofShard: shard)
            let there = range.clamped(to: 0..<max(size, 0))
            if !there.isEmpty {
                do {
                    try await target.get(key, there, into: shards)
                } catch  where error.kind == .corrupt || error.kind == .notFound {
                    shards.truncate(to: min(shards.count, shard * shape.shardSize))
                }
            }
            shards.appendZeros((shard + 1) * shape.shardSize - shards.count)
        }
        return shards
    }

    private func damagedData(_ shards: Buffer, _ parity: ParityObject) -> [Int] {
        (0..<parity.shape.dataShards).filter { shard in
            let start = shard * parity.shape.shardSize
            return shards.withBytes(start..<(start + parity.shape.shardSize)) { Checksum.xxh64($0) }
                != parity.sums[shard]
        }
    }
}
