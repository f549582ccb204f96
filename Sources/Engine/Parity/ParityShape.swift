/// How a pack is cut for its parity: 32 shards of equal size, and 2 that are computed from them. Any 2 of the 34 may be
/// lost.
package struct ParityShape: Sendable, Equatable {
    /// Shards of the pack; its last ones are filled up with zeros.
    package let dataShards: Int
    package let parityShards: Int
    /// Bytes of each; a multiple of 64.
    package let shardSize: Int
    /// Bytes of the pack.
    package let packCount: Int

    package init(packCount: Int) {
        dataShards = 32
        parityShards = 2
        self.packCount = packCount
        shardSize = max(1, (packCount + 32 * 64 - 1) / (32 * 64)) * 64
    }

    package var shards: Int { dataShards + parityShards }

    /// The pack's bytes in a data shard, cut at the pack's end; empty for a shard that is all filling.
    package func bytes(ofShard shard: Int) -> Range<Int> {
        let start = min(shard * shardSize, packCount)
        return start..<min(start + shardSize, packCount)
    }
}
