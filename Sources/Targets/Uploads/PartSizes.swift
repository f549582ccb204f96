/// How large the parts of an object of unknown size are.
///
/// They grow: the parts of a small object take little memory, and yet the number of parts that a place allows reaches
/// as far as it has to. Each size serves for the same number of parts, then it doubles, up to the largest one, for which
/// so many parts are left as `reach` needs.
struct PartSizes: Sendable {
    /// How many parts an object may have.
    let most: Int
    private let first: Int
    private let largest: Int
    private let period: Int

    /// Bytes: two parts of this size are in memory at once.
    private static let largestGrown = 1 << 30

    /// - Parameters: bytes of the first part; the most parts of an object; bytes that these have to reach.
    init(first: Int, most: Int, reach: Int) {
        self.first = first
        self.most = most
        largest = max(first, Self.largestGrown)
        var doublings = 0
        while first << doublings < largest { doublings += 1 }
        let left = most - (reach + largest - 1) / largest
        period = doublings == 0 ? most : max(1, left / doublings)
    }

    /// Any number of parts of one size, in bytes.
    init(all size: Int) {
        first = size
        largest = size
        most = .max
        period = .max
    }

    /// Bytes of the part of this number, the first being 1.
    func size(of number: Int) -> Int { min(largest, first << min((number - 1) / period, 30)) }
}
