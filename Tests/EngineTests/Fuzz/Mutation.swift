/// A change to the bytes of a valid object, of the kinds that damage and malice bring.
enum Mutation: CaseIterable, Sendable {
    case flipBit, setByte, setNumber, nudgeNumber, truncate, extend, erase, duplicate, exchange, zero, splice

    /// - Parameter other: another valid object, to splice with.
    func apply(to bytes: inout [UInt8], other: [UInt8], using generator: inout SeededGenerator) {
        guard !bytes.isEmpty else { return bytes = Array(other.prefix(8)) }
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        let section = Self.section(of: bytes, using: &generator)
        switch self {
        case .flipBit: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case .setByte: bytes[place] = [0, 1, 2, 0x7F, 0x80, 0xFE, 0xFF].randomElement(using: &generator) ?? 0
        case .setNumber: Self.write(Self.boundary(bytes.count, using: &generator), into: &bytes, &generator)
        case .nudgeNumber: Self.nudge(&bytes, &generator)
        case .truncate: bytes.removeLast(bytes.count - place)
        case .extend: bytes += (0..<Int.random(in: 1...64, using: &generator)).map { UInt8(truncatingIfNeeded: $0) }
        case .erase: bytes.removeSubrange(section)
        case .duplicate: bytes.insert(contentsOf: bytes[section], at: section.upperBound)
        case .exchange: bytes.replaceSubrange(section, with: bytes[section].reversed())
        case .zero: bytes.replaceSubrange(section, with: repeatElement(0, count: section.count))
        case .splice: bytes = Array(bytes[..<place] + other[min(place, other.count)...])
        }
    }

    /// Lengths that formats like to have: fields, rows, or anything.
    private static func section(of bytes: [UInt8], using generator: inout SeededGenerator) -> Range<Int> {
        let counts = [1, 4, 8, 16, 24, 40, 48, 56, Int.random(in: 1...bytes.count, using: &generator)]
        let count = min(bytes.count, counts.randomElement(using: &generator) ?? 1)
        let start = Int.random(in: 0...(bytes.count - count), using: &generator)
        return start..<(start + count)
    }

    /// Numbers at which arithmetic goes wrong.
    private static func boundary(_ count: Int, using generator: inout SeededGenerator) -> UInt64 {
        let power = UInt64(1) << UInt64.random(in: 0..<64, using: &generator)
        let values = [0, 1, power, power &- 1, power &+ 1, .max, UInt64(count), UInt64(count) &+ 1]
        return values.randomElement(using: &generator) ?? 0
    }

    private static func write(_ value: UInt64, into bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        let (start, width) = field(of: bytes, &generator)
        for index in 0..<width { bytes[start + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(index))) }
    }

    private static func nudge(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        let (start, width) = field(of: bytes, &generator)
        var value = bytes[start..<(start + width)].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        value = value &+ UInt64(bitPattern: Int64.random(in: -64...64, using: &generator))
        for index in 0..<width { bytes[start + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(index))) }
    }

    /// The place of a number of 2, 4 or 8 bytes, mostly near an end, where headers and footers are.
    private static func field(of bytes: [UInt8], _ generator: inout SeededGenerator) -> (start: Int, width: Int) {
        let width = min(bytes.count, [2, 4, 8].randomElement(using: &generator) ?? 2)
        let most = bytes.count - width
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: return (Int.random(in: 0...min(most, 64), using: &generator) & ~1, width)
        case 1: return (most - Int.random(in: 0...min(most, 64), using: &generator), width)
        default: return (Int.random(in: 0...most, using: &generator), width)
        }
    }
}
