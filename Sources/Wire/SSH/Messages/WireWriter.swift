/// Builds a message of SSH's kind: numbers in network order, strings with their length before them (RFC 4251, section 5).
struct WireWriter {
    private(set) var bytes: [UInt8] = []

    init() {}

    /// A message that starts with its type.
    init(type: UInt8) { bytes = [type] }

    mutating func append(_ number: UInt32) {
        for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    mutating func append(_ number: UInt64) {
        append(UInt32(truncatingIfNeeded: number >> 32))
        append(UInt32(truncatingIfNeeded: number))
    }

    mutating func append(_ string: [UInt8]) {
        append(UInt32(string.count))
        bytes += string
    }

    mutating func append(_ text: String) { append(Array(text.utf8)) }
}
