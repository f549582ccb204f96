/// Computes Reed–Solomon parity over GF(2⁸). Synchronous: it uses the processor and waits for nothing.
///
/// The code is fixed by the format: polynomial 0x11D; parity shard *p* is the sum over all data shards *d* of
/// `inverse((dataShards + p) XOR d) × shard d` (a Cauchy matrix).
package protocol ParityCoder: Sendable {
    /// Appends the parity shards of a pack to `parity`, which has room for them.
    /// - Parameter pack: exactly `shape.packCount` bytes.
    func encode(_ pack: RawSpan, _ shape: ParityShape, into parity: Buffer)

    /// Makes missing shards anew from the others.
    /// - Parameters:
    ///   - missing: numbers of shards, data shards first, at most as many as there are parity shards.
    ///   - shards: all shards back to back, those of `missing` with any content.
    /// - Throws: `.failed` when too many are missing.
    func rebuild(_ missing: [Int], of shards: Buffer, _ shape: ParityShape) throws(EngineError)
}
