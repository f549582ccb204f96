import Engine

/// Where things are in a VMDK of one grain table, for changing them.
struct VMDKParts: Sendable {
    var bytes: [UInt8]

    private var fields: ImageFields { ImageFields(bytes) }
    private var isStream: Bool { fields.little(56, as: UInt64.self) == .max }

    var sectors: UInt64 { fields.little(12) }
    var footer: Int { bytes.count - 1024 }
    var directory: Int { Int(fields.little(isStream ? footer + 56 : 56, as: UInt64.self)) * 512 }
    var table: Int { Int(word(at: directory)) * 512 }
    /// Offset of a grain's marker or data.
    func grain(_ number: Int) -> Int { Int(word(at: entry(number))) * 512 }
    func entry(_ number: Int) -> Int { table + 4 * number }
    func redundantEntry(_ number: Int) -> Int {
        let directory = Int(fields.little(48, as: UInt64.self)) * 512
        return Int(word(at: directory)) * 512 + 4 * number
    }

    func word(at offset: Int) -> UInt32 { fields.little(offset) }

    mutating func set(_ value: some FixedWidthInteger, at offset: Int) {
        withUnsafeBytes(of: value.littleEndian) { bytes.replaceSubrange(offset..<(offset + $0.count), with: $0) }
    }

    /// Replaces the first occurrence of text within the descriptor by text of the same length.
    mutating func replace(_ old: String, with new: String) {
        let (old, new) = (Array(old.utf8), Array(new.utf8))
        precondition(old.count == new.count, "the descriptor keeps its length")
        for start in 512..<(512 + 10_240) where bytes[start..<(start + old.count)].elementsEqual(old) {
            bytes.replaceSubrange(start..<(start + old.count), with: new)
            return
        }
        preconditionFailure("there is no such text in the descriptor")
    }
}
