import Engine
import Synchronization

/// A disk of any size with islands of data, whose bytes follow from their places and are never zero.
final class SyntheticDisk: BlockReader {
    let size: UInt64
    let islands: [ByteRange]
    let bestRead: UInt64
    private let seed: UInt64
    private let failure = Mutex<UInt64>(.max)

    /// - Parameter islands: ascending, apart from each other, on multiples of 8.
    init(size: UInt64, islands: [ByteRange], seed: UInt64 = 1, bestRead: UInt64 = 4 << 20) {
        self.bestRead = bestRead
        self.size = size
        self.islands = islands
        self.seed = seed
    }

    /// Islands anywhere, on units of 4 KiB, about one in `rarity` of the disk.
    static func random(
        size: UInt64, seed: UInt64, longest: UInt64 = 512, rarity: UInt64 = 3, bestRead: UInt64 = 4 << 20
    ) -> SyntheticDisk {
        var state = seed
        func next(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        var islands: [ByteRange] = []
        var position = next(64) * 4096
        while true {
            let count = (1 + next(longest)) * 4096
            guard position + count <= size else { break }
            islands.append(ByteRange(start: position, count: count))
            position += count + (1 + next(longest * rarity)) * 4096
        }
        return SyntheticDisk(size: size, islands: islands, seed: seed, bestRead: bestRead)
    }

    var used: UInt64 { islands.reduce(0) { $0 + $1.count } }

    /// Reads from here on fail.
    func fail(from offset: UInt64) { failure.withLock { $0 = offset } }

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
        if range.end > failure.withLock({ $0 }) { throw EngineError(.corrupt, "the disk is broken at \(range.start)") }
        let base = output.count
        output.appendZeros(Int(range.count))
        for island in islands {
            guard let part = island.intersection(range) else { continue }
            fill(part, output.memory, at: base + Int(part.start - range.start))
        }
    }

    private func fill(_ part: ByteRange, _ memory: UnsafeMutableRawBufferPointer, at base: Int) {
        var offset = part.start
        var place = base
        while offset < part.end {
            let word = ((offset / 8) ^ seed) &* 0x9E37_79B9_7F4A_7C15 | 0x0101_0101_0101_0101
            let low = Int(offset % 8)
            let count = min(8 - low, Int(part.end - offset))
            if count == 8 {
                memory.storeBytes(of: word.littleEndian, toByteOffset: place, as: UInt64.self)
            } else {
                for step in 0..<count {
                    memory[place + step] = UInt8(truncatingIfNeeded: word >> UInt64(8 * (low + step)))
                }
            }
            offset += UInt64(count)
            place += count
        }
    }
}
