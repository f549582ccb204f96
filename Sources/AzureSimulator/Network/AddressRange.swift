/// A range of IPv4 addresses: `10.9.0.0/16`.
struct AddressRange: Sendable, Equatable {
    let first: UInt32
    let last: UInt32

    /// nil when the text is none, or has bits set behind its prefix.
    init?(_ text: String?) {
        let halves = (text ?? "").split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, let base = Self.number(String(halves[0])), let bits = UInt32(halves[1]), bits <= 32
        else {
            return nil
        }
        let size = UInt64(1) << UInt64(32 - bits)
        guard UInt64(base).isMultiple(of: size) else { return nil }
        first = base
        last = UInt32(UInt64(base) + size - 1)
    }

    func contains(_ address: UInt32) -> Bool { (first...last).contains(address) }
    func contains(_ other: AddressRange) -> Bool { first <= other.first && other.last <= last }
    func overlaps(_ other: AddressRange) -> Bool { first <= other.last && other.first <= last }

    /// The addresses that machines may have: Azure keeps the first four and the last.
    var usable: Range<UInt32> { last - first < 7 ? first..<first : first + 4..<last }

    static func number(_ text: String) -> UInt32? {
        let pieces = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard pieces.count == 4 else { return nil }
        return pieces.reduce(UInt32?(0)) { number, piece in
            piece.flatMap { piece in number.map { $0 << 8 | UInt32(piece) } }
        }
    }

    static func text(_ number: UInt32) -> String {
        [24, 16, 8, 0].map { "\(number >> UInt32($0) & 255)" }.joined(separator: ".")
    }
}
