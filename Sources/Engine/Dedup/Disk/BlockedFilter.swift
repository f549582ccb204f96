/// Tells of most ids that a run does not have them, from one line of the processor's cache: a Bloom filter in blocks of
/// 512 bits, each id setting 8 bits of one block. Ids are random, so their own words choose block and bits.
///
/// It is filled once and then only read; that makes it Sendable.
final class BlockedFilter: Sendable {
    private static let blockBytes = 64

    /// The blocks, as they are in a file.
    let bytes: Buffer
    private let blocks: UInt64

    /// An empty filter for `count` ids at `bits` bits each.
    init(count: Int, bits: Int) {
        blocks = UInt64(Self.blocks(count: count, bits: bits))
        bytes = Buffer(capacity: Int(blocks) * Self.blockBytes)
        bytes.appendZeros(bytes.capacity)
    }

    /// A filter as it was.
    /// - Precondition: `bytes` is filled with whole blocks, at least one.
    init(_ bytes: Buffer) {
        precondition(bytes.count >= Self.blockBytes && bytes.count.isMultiple(of: Self.blockBytes), "no filter")
        self.bytes = bytes
        blocks = UInt64(bytes.count / Self.blockBytes)
    }

    private static func blocks(count: Int, bits: Int) -> Int { max(1, (count * bits + 511) / 512) }

    /// Bytes of a filter for `count` ids.
    static func size(count: Int, bits: Int) -> Int { blocks(count: count, bits: bits) * blockBytes }

    /// Takes in the ids of entries of a run. Only while nobody else has the filter.
    func insert(entries: RawSpan) {
        for start in stride(from: 0, to: entries.byteCount, by: IndexRun.entryCount) {
            insert(Digest(entries, at: start))
        }
    }

    func insert(_ id: Digest) {
        let base = block(of: id)
        for (word, bit) in Probes(id) { base[word] |= bit }
    }

    /// False for most ids that were not inserted, true for all that were.
    func mayContain(_ id: Digest) -> Bool {
        let base = block(of: id)
        for (word, bit) in Probes(id) where base[word] & bit == 0 { return false }
        return true
    }

    @inline(__always)
    private func block(of id: Digest) -> UnsafeMutablePointer<UInt64> {
        let number = Int(id.words.2.multipliedFullWidth(by: blocks).high)
        return (bytes.memory.baseAddress! + number * Self.blockBytes).assumingMemoryBound(to: UInt64.self)
    }

    /// The eight bits of an id within its block: nine bits of the id choose each.
    private struct Probes: Sequence, IteratorProtocol {
        private var word: UInt64
        private let last: UInt64
        private var left = 8

        init(_ id: Digest) {
            word = id.words.3
            last = id.words.1
        }

        @inline(__always)
        mutating func next() -> (word: Int, bit: UInt64)? {
            guard left > 0 else { return nil }
            left -= 1
            let number = left == 0 ? last & 511 : word & 511
            word >>= 9
            return (Int(number >> 6), 1 << (number & 63))
        }
    }
}
