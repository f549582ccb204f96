/// Numbers of blocks, one bit each.
struct BlockSet: Sendable, Equatable {
    private var words: [UInt64]
    private(set) var count = 0

    /// - Parameter capacity: one more than the largest number.
    init(capacity: UInt64) { words = [UInt64](repeating: 0, count: Int((capacity + 63) / 64)) }

    /// Whether the block is new.
    @discardableResult
    mutating func insert(_ block: UInt64) -> Bool {
        guard !contains(block) else { return false }
        words[Int(block / 64)] |= 1 << (block % 64)
        count += 1
        return true
    }

    func contains(_ block: UInt64) -> Bool { words[Int(block / 64)] >> (block % 64) & 1 == 1 }
}
