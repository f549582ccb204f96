import Synchronization

/// A disk whose content is digested while somebody reads it, whatever number of reads is in flight: each waits until
/// all data before it has been taken in. What is not read is zero, as the extents say.
///
/// The data must be read once, in ascending order; otherwise there is no digest, and nothing else suffers.
final class ContentDigest: BlockReader {
    private let disk: any BlockReader
    private let state: Mutex<State>

    private struct State {
        var running = RunningDigest()
        var isBroken = false
        /// Reads whose turn it is not yet, by where they begin.
        var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
        /// Data up to `announced`, ascending; all before `next` has been taken in.
        var expected: [ByteRange] = []
        var next = 0
        var announced: UInt64 = 0

        /// Where the first data begins that has not been taken in.
        var turn: UInt64 { next < expected.count ? expected[next].start : .max }

        /// All data up to `end` has been taken in.
        mutating func pass(_ end: UInt64) {
            while next < expected.count, expected[next].start < end {
                if expected[next].end > end {
                    expected[next] = ByteRange(end, expected[next].end)
                    return
                }
                next += 1
            }
        }

        /// No digest any more: nobody waits.
        mutating func breakOff() -> [CheckedContinuation<Void, Never>] {
            isBroken = true
            defer { waiting = [:] }
            return Array(waiting.values)
        }
    }

    let size: UInt64

    /// - Parameter size: so many bytes of the disk are digested; all when nil.
    init(of disk: any BlockReader, size: UInt64? = nil) {
        self.disk = disk
        self.size = size ?? disk.size
        state = Mutex(State())
    }

    var bestRead: UInt64 { disk.bestRead }

    func extents(in range: ByteRange) async throws(EngineError) -> [DiskExtent] { try await disk.extents(in: range) }

    func read(_ range: ByteRange, into output: Buffer) async throws(EngineError) {
        let start = output.count
        do {
            try await disk.read(range, into: output)
        } catch {
            giveUp()
            throw error
        }
        try await announce(upTo: range.end)
        await turn(of: range)
        output.withBytes(start..<output.count) { take(range, $0) }
    }

    /// The digest of the whole disk; nil when it was not read as it must be.
    func value() async throws(EngineError) -> Digest? {
        try await announce(upTo: size)
        return state.withLock { state in
            guard !state.isBroken, state.turn == .max else { return nil }
            state.running.appendZeros(to: size)
            return state.running.digest
        }
    }

    /// Bytes of a disk whose extents are asked for at once.
    private static let window: UInt64 = 1 << 30

    /// Learns which data there is before `end`.
    private func announce(upTo end: UInt64) async throws(EngineError) {
        while true {
            let known = state.withLock { $0.announced }
            guard known < end else { return }
            let window = ByteRange(known, min(known + Self.window, size))
            let data = try await disk.extents(in: window).filter { !$0.isZero }.map(\.range)
            state.withLock { state in
                guard state.announced == known else { return }
                state.expected.removeFirst(state.next)
                state.next = 0
                state.expected += data
                state.announced = window.end
            }
        }
    }

    /// Returns when all data before `range` was taken in, or never will be.
    private func turn(of range: ByteRange) async {
        await withCheckedContinuation { continuation in
            let isTurn = state.withLock { state in
                let isTurn = state.isBroken || range.start <= state.turn
                if !isTurn { state.waiting[range.start] = continuation }
                return isTurn
            }
            if isTurn { continuation.resume() }
        }
    }

    private func take(_ range: ByteRange, _ bytes: RawSpan) {
        let next: [CheckedContinuation<Void, Never>] = state.withLock { state in
            guard !state.isBroken, range.start >= state.running.count else { return state.breakOff() }
            state.running.appendZeros(to: range.start)
            state.running.append(bytes)
            state.pass(range.end)
            let turn = state.turn
            let ready = state.waiting.keys.filter { $0 <= turn }
            return ready.compactMap { state.waiting.removeValue(forKey: $0) }
        }
        for continuation in next { continuation.resume() }
    }

    private func giveUp() {
        for continuation in state.withLock({ $0.breakOff() }) { continuation.resume() }
    }
}
