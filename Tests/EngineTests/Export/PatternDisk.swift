import EngineContracts
import Synchronization

@testable import Engine

/// A disk in memory with islands of data, which notes what is read and can break.
final class PatternDisk: BlockReader {
    let size: UInt64
    private let islands: [ByteRange]
    private let seed: UInt64
    private let state = Mutex(State())

    struct State: Sendable {
        var reads: [ByteRange] = []
        /// Reads that begin here or behind fail.
        var end: UInt64 = .max
        /// Makes reads finish in another order than they began.
        var isShuffled = false
    }

    init(size: UInt64, islands: [ByteRange], seed: UInt64 = 1) {
        self.size = size
        self.islands = islands
        self.seed = seed
    }

    /// Islands anywhere, on sectors.
    static func random(size: UInt64, seed: UInt64) -> PatternDisk {
        var generator = SeededGenerator(seed: seed)
        var islands: [ByteRange] = []
        var position: UInt64 = 0
        while true {
            position += UInt64.random(in: 0..<2000, using: &generator) * 512
            let count = UInt64.random(in: 1..<3000, using: &generator) * 512
            guard position + count <= size else { break }
            islands.append(ByteRange(start: position, count: count))
            position += count + 512
        }
        return PatternDisk(size: size, islands: islands, seed: seed)
    }

    var reads: [ByteRange] { state.withLock { $0.reads } }

    func breakReads(from offset: UInt64) { state.withLock { $0.end = offset } }
    func mend() {
        state.withLock { state in
            state.end = .max
            state.reads = []
        }
    }
    func shuffle() { state.withLock { $0.isShuffled = true } }

    var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(size))
        for island in islands {
            for offset in Int(island.start)..<Int(island.end) { bytes[offset] = byte(UInt64(offset)) }
        }
        return bytes
    }

    func extents(in range: ByteRange) async throws(EngineError) -> [DiskExtent] {
        var list = ExtentList()
        var position = range.start
        for island in islands {
            guard let part = island.intersection(range) else { continue }
            list.append(ByteRange(position, part.start), isZero: true)
            list.append(part, isZero: false)
            position = part.end
        }
        list.append(ByteRange(position, range.end), isZero: true)
        return list.extents
    }

    func read(_ range: ByteRange, into output: Buffer) async throws(EngineError) {
        let (isBroken, isShuffled) = state.withLock { state in
            state.reads.append(range)
            return (range.start >= state.end, state.isShuffled)
        }
        if isBroken { throw EngineError(.corrupt, "the disk is broken at \(range.start)") }
        if isShuffled { for _ in 0..<Int(byte(range.start)) { await Task.yield() } }
        var bytes = [UInt8](repeating: 0, count: Int(range.count))
        for island in islands {
            guard let part = island.intersection(range) else { continue }
            for offset in part.start..<part.end { bytes[Int(offset - range.start)] = byte(offset) }
        }
        output.append(bytes.span.bytes)
    }

    /// Never zero.
    private func byte(_ offset: UInt64) -> UInt8 {
        UInt8(truncatingIfNeeded: ((offset ^ seed) &* 0x9E37_79B9_7F4A_7C15) >> 40) | 1
    }
}
