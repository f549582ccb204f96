import Synchronization

/// Where the mapped parts of a disk are, leaf by leaf: fetched several leaves at once, the last used ones kept.
final class LeafRanges: Sendable {
    typealias Mapped = RestorePointDisk.MappedRange

    private struct State {
        var leaves: [UInt64: [Mapped]] = [:]
        var count = 0
    }

    private let disk: RestorePointDisk
    private let target: any Target
    private let state = Mutex(State())

    /// Ranges that are kept, each of some 60 bytes.
    private static let limit = 1 << 17

    init(_ disk: RestorePointDisk, at target: any Target) {
        self.disk = disk
        self.target = target
    }

    /// The mapped parts of `range`, ascending; those at its ends are cut.
    /// - Throws: `.corrupt` when a node is damaged or missing.
    func mapped(in range: ByteRange) async throws(EngineError) -> [Mapped] {
        guard !range.isEmpty else { return [] }
        var ranges: [Mapped] = []
        for leaf in try await leaves(in: range) { ranges += leaf.compactMap { $0.cut(to: range) } }
        return ranges
    }

    private func leaves(in range: ByteRange) async throws(EngineError) -> [[Mapped]] {
        let span = UInt64(RepositoryFormat.leafSpan)
        let (first, last) = (range.start / span, (range.end - 1) / span)
        var wanted: [UInt64] = []
        var leaf = first
        while leaf <= last {
            let next = (leaf / UInt64(RepositoryFormat.fanOut) + 1) * UInt64(RepositoryFormat.fanOut)
            let end = min(next - 1, last)
            if try await !disk.isZero(around: leaf) { wanted += leaf...end }
            leaf = end + 1
        }
        let known = state.withLock { state in wanted.map { state.leaves[$0] } }
        let missing = zip(wanted, known).compactMap { $1 == nil ? $0 : nil }
        var fetched = try await target.together(missing) { [disk] leaf in try await disk.ranges(ofLeaf: leaf) }[...]
        keep(Array(zip(missing, fetched)))
        return known.map { $0 ?? fetched.removeFirst() }
    }

    private func keep(_ leaves: [(UInt64, [Mapped])]) {
        let count = leaves.reduce(0) { $0 + 1 + $1.1.count }
        guard count > 0 else { return }
        state.withLock { state in
            if state.count + count > Self.limit { state = State() }
            for (leaf, ranges) in leaves { state.leaves[leaf] = ranges }
            state.count += count
        }
    }
}

extension RestorePointDisk.MappedRange {
    /// The part that lies in `bounds`.
    fileprivate func cut(to bounds: ByteRange) -> Self? {
        guard let part = range.intersection(bounds), !part.isEmpty else { return nil }
        return Self(range: part, chunk: chunk, skip: skip + Int(part.start - range.start))
    }
}
