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
        var (words, last) = (id.words.3, id.words.1)
        for probe in 0..<8 {
            if probe == 7 { swap(&words, &last) }
            base[Int(words >> 6) & 7] |= 1 << (words & 63)
            words >>= 9
        }
    }

    /// Nine bits of the id choose each of the eight bits within its block. False for most ids that were not inserted, true for all that were.
    func mayContain(_ id: Digest) -> Bool {
        let base = block(of: id)
        var (words, last) = (id.words.3, id.words.1)
        for probe in 0..<8 {
            if probe == 7 { swap(&words, &last) }
            guard base[Int(words >> 6) & 7] & 1 << (words & 63) != 0 else { return false }
            words >>= 9
        }
        return true
    }

    @inline(__always)
    private func block(of id: Digest) -> UnsafeMutablePointer<UInt64> {
        let number = Int(id.words.2.multipliedFullWidth(by: blocks).high)
        return (bytes.memory.baseAddress! + number * Self.blockBytes).assumingMemoryBound(to: UInt64.self)
    }
}
