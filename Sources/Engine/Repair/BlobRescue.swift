import Synchronization

/// What a reader does about damage that it meets: the pack's parity first, then other copies of the blob. It tells the
/// index of the damaged copy, so that a backup stores the blob again, and remembers everything for the report.
///
/// Nothing at the target changes; `repository repair` makes the repository itself whole.
package final class BlobRescue: Sendable {
    /// One damaged copy that was met.
    package struct Event: Sendable, Hashable {
        package let id: Digest
        package let pack: PackID
        package let kind: PackKind
        package let remedy: Remedy
        /// What is wrong with the copy.
        package let reason: String

        package var object: ObjectKey { ObjectLayout.pack(pack, kind) }
    }

    package enum Remedy: Sendable, Hashable {
        case parity
        /// The pack that has a good copy.
        case copy(PackID)
        /// The blob is lost.
        case none
    }

    private struct State {
        var avoided: AvoidedCopies
        var events: [Event] = []
        var known: Set<BlobCopy> = []
    }

    let healer: PackHealer
    private let index: any DedupIndex
    private let state: Mutex<State>

    /// - Parameter avoided: what the index was told to avoid so far.
    package init(
        target: any Target, parity: (any ParityCoder)?, index: any DedupIndex, avoided: AvoidedCopies = AvoidedCopies()
    ) {
        healer = PackHealer(target: target, coder: parity)
        self.index = index
        state = Mutex(State(avoided: avoided))
    }

    /// The damaged copies met so far, each once.
    package var events: [Event] { state.withLock { $0.events } }

    /// One line for each damaged pack that was met, for a report.
    package var warnings: [String] {
        Dictionary(grouping: events, by: \.object).sorted { $0.key < $1.key }.map { object, events in
            let healed = events.count { $0.remedy == .parity }
            let lost = events.count { $0.remedy == .none }
            let other = events.count - healed - lost
            let ends = [
                healed > 0 ? "\(healed) repaired on read by parity" : nil,
                other > 0 ? "\(other) read from another pack" : nil, lost > 0 ? "\(lost) lost" : nil,
            ].compactMap { $0 }
            return "\(object) is damaged: of its blobs " + ends.joined(separator: ", ")
                + "; run `ahvault repository repair`"
        }
    }

    func note(_ id: Digest, _ location: BlobLocation, _ remedy: Remedy, _ reason: String) {
        let copy = BlobCopy(id: id, pack: location.pack)
        let avoided: AvoidedCopies? = state.withLock { state in
            guard state.known.insert(copy).inserted else { return nil }
            state.events.append(
                Event(id: id, pack: location.pack, kind: location.kind, remedy: remedy, reason: reason))
            guard state.avoided.blobs.insert(copy).inserted else { return nil }
            return state.avoided
        }
        if let avoided { index.avoid(avoided) }
    }
}

extension BlobReader {
    /// Brings a blob back whose copy at `failed` cannot be used.
    /// - Parameters:
    ///   - output: has room for the raw bytes; they are appended.
    ///   - error: what is wrong with that copy.
    /// - Throws: `error` when there is no remedy, as `.corrupt` also when the pack is missing.
    func rescue(
        _ id: Digest, from failed: BlobLocation, into output: Buffer, because error: EngineError
    ) async throws(EngineError) {
        guard let rescue else { throw error }
        let start = output.count
        if try await healed(id, failed, into: output, rescue) {
            return rescue.note(id, failed, .parity, error.message)
        }
        for copy in index.copies(of: id) where copy.pack != failed.pack && copy.rawCount == failed.rawCount {
            output.truncate(to: start)
            do {
                let stored = Buffer(capacity: copy.fetchCount)
                try await target.get(ObjectLayout.pack(copy.pack, copy.kind), copy.fetchRange, into: stored)
                try stored.withBytes { bytes throws(EngineError) in
                    try decode(bytes, id: id, location: copy, into: output)
                }
                return rescue.note(id, failed, .copy(copy.pack), error.message)
            } catch let other where other.kind == .corrupt || other.kind == .notFound {
                output.truncate(to: start)
                guard try await healed(id, copy, into: output, rescue) else {
                    rescue.note(id, copy, .none, other.message)
                    continue
                }
                rescue.note(id, copy, .parity, other.message)
                return rescue.note(id, failed, .copy(copy.pack), error.message)
            }
        }
        output.truncate(to: start)
        rescue.note(id, failed, .none, error.message)
        throw error.kind == .notFound ? EngineError(.corrupt, "a pack is missing: \(error)") : error
    }

    private func healed(
        _ id: Digest, _ location: BlobLocation, into output: Buffer, _ rescue: BlobRescue
    ) async throws(EngineError) -> Bool {
        guard let stored = try await rescue.healer.blob(at: location) else { return false }
        let start = output.count
        do {
            try stored.withBytes { bytes throws(EngineError) in
                try decode(bytes, id: id, location: location, into: output)
            }
            return true
        } catch  where error.kind == .corrupt {
            output.truncate(to: start)
            return false
        }
    }
}
