/// One of the records of 32 bytes that a folder of FAT consists of.
struct FATRecord {
    private let fields: ImageFields

    static let count = 32

    init(_ fields: ImageFields) { self.fields = fields }

    var isEnd: Bool { fields.byte(0) == 0 }
    var isDeleted: Bool { fields.byte(0) == 0xE5 }
    private var attributes: UInt8 { fields.byte(11) }
    /// A part of a long name.
    var isNamePart: Bool { attributes & 0x3F == 0x0F }
    var isLabel: Bool { attributes & 0x08 != 0 }
    var isFolder: Bool { attributes & 0x10 != 0 }
    /// Bytes; folders say 0.
    var size: UInt64 { UInt64(fields.little(28, as: UInt32.self)) }

    func cluster(_ width: FATLayout.Width) -> UInt64 {
        let low = UInt64(fields.little(26, as: UInt16.self))
        return width == .thirtyTwo ? low | UInt64(fields.little(20, as: UInt16.self)) << 16 : low
    }

    /// Of a part of a long name: which one, from 1, and whether it is the last, which comes first.
    var order: (number: Int, isLast: Bool) { (Int(fields.byte(0) & 0x1F), fields.byte(0) & 0x40 != 0) }

    var nameCheck: UInt8 { fields.byte(13) }

    /// 13 characters of a long name.
    var nameUnits: [UInt16] {
        let places = Array(stride(from: 1, to: 11, by: 2)) + Array(stride(from: 14, to: 26, by: 2)) + [28, 30]
        return places.map { fields.little($0, as: UInt16.self) }
    }

    /// The name of eight and three characters.
    var shortName: String {
        let cases = fields.byte(12)
        let base = Self.text(fields.slice(0, 8), isLower: cases & 0x08 != 0)
        let suffix = Self.text(fields.slice(8, 3), isLower: cases & 0x10 != 0)
        return suffix.isEmpty ? base : base + "." + suffix
    }

    /// What the parts of a long name have to say to belong to this record.
    var shortNameCheck: UInt8 {
        fields.slice(0, 11).reduce(0) { sum, byte in (sum >> 1 | sum << 7) &+ byte }
    }

    private static func text(_ bytes: [UInt8], isLower: Bool) -> String {
        let end = bytes.lastIndex { $0 != 0x20 }.map { $0 + 1 } ?? 0
        let text = String(decoding: bytes[..<end], as: UTF8.self)
        return isLower ? text.lowercased() : text
    }
}
