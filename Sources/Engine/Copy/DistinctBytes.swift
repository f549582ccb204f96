/// How many bytes distinct blobs have, in bounded memory: all are counted as long as there are few, then only those
/// whose ids end in so many zero bits. Ids are random, so those stand for the others.
final class DistinctBytes {
    private var known: [Digest: UInt32] = [:]
    private var bits = 0
    private var sampled: UInt64 = 0
    private let limit: Int

    /// - Parameter limit: blobs that are remembered.
    init(limit: Int = 1 << 19) { self.limit = limit }

    /// Exact until more than `limit` blobs were counted, and within a percent or so after that.
    var total: UInt64 { sampled << UInt64(bits) }

    func add(_ id: Digest, _ bytes: Int) {
        guard id.words.3.trailingZeroBitCount >= bits, known[id] == nil else { return }
        known[id] = UInt32(bytes)
        sampled += UInt64(bytes)
        while known.count > limit, bits < 40 {
            bits += 1
            let least = bits
            known = known.filter { $0.key.words.3.trailingZeroBitCount >= least }
            sampled = known.values.reduce(0) { $0 + UInt64($1) }
        }
    }
}
