/// The header of a file in a tar: POSIX ustar, with sizes of 8 GiB and more as GNU tar writes them.
///
/// Headers of the pax format are not written: vSphere does not read them.
struct TarHeader: Equatable {
    /// What a header stands for.
    enum Kind: UInt8 {
        case file = 0x30
        case hardLink = 0x31
        case symbolicLink = 0x32
        case folder = 0x35
        /// A pax header for the file that follows, or for all.
        case extended = 0x78
        case extendedForAll = 0x67
        /// GNU's name of the file that follows.
        case longName = 0x4C
    }

    static let size = 512
    private static let checksumField = 148..<156
    private static let largestOctal: UInt64 = (1 << 33) - 1

    let name: String
    /// Bytes of the file.
    var count: UInt64
    /// Nil for a kind that is not known.
    var kind: Kind? = .file

    init(name: String, count: UInt64) {
        self.name = name
        self.count = count
    }

    /// Bytes that a file of `count` bytes takes behind its header.
    static func padded(_ count: UInt64) -> UInt64 { (count + 511) / 512 * 512 }

    /// The 512 bytes.
    /// - Precondition: the name has from 1 to 100 bytes.
    func bytes(time: Timestamp) -> [UInt8] {
        precondition((1...100).contains(name.utf8.count), "a name in a tar has up to 100 bytes")
        var fields = ImageFields(count: Self.size)
        fields.set(name, at: 0)
        fields.set(Self.octal(0o644, digits: 7), at: 100)
        fields.set(Self.octal(0, digits: 7), at: 108)
        fields.set(Self.octal(0, digits: 7), at: 116)
        if count <= Self.largestOctal {
            fields.set(Self.octal(count, digits: 11), at: 124)
        } else {
            fields.set([0x80], at: 124)
            fields.setBig(count, at: 128)
        }
        fields.set(Self.octal(UInt64(max(0, time.milliseconds / 1000)), digits: 11), at: 136)
        fields.set([Kind.file.rawValue], at: 156)
        fields.set("ustar", at: 257)
        fields.set("00", at: 263)
        fields.set(Self.octal(0, digits: 7), at: 329)
        fields.set(Self.octal(0, digits: 7), at: 337)
        fields.set(Self.octal(Self.sum(fields), digits: 6) + "\0 ", at: Self.checksumField.lowerBound)
        return fields.bytes
    }

    private static func octal(_ value: UInt64, digits: Int) -> String {
        let text = String(value, radix: 8)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }

    /// The sum of all bytes, those of the sum itself taken for blanks.
    private static func sum(_ fields: ImageFields) -> UInt64 {
        fields.bytes.indices.reduce(0) { $0 + (checksumField.contains($1) ? 0x20 : UInt64(fields.bytes[$1])) }
    }

    // MARK: Reading

    /// Nil for 512 zeros, which end an archive.
    /// - Throws: `.corrupt` saying what is wrong.
    init?(_ fields: ImageFields) throws(EngineError) {
        guard fields.bytes.contains(where: { $0 != 0 }) else { return nil }
        guard try Self.number(fields, Self.checksumField) == Self.sum(fields) else {
            throw EngineError(.corrupt, "a header of the tar has a wrong checksum")
        }
        let prefix = fields.has("ustar\0", at: 257) ? Self.text(fields, 345, 155) : ""
        name = (prefix.isEmpty ? "" : prefix + "/") + Self.text(fields, 0, 100)
        count = try Self.number(fields, 124..<136)
        let type = fields.byte(156)
        kind = type == 0 || type == 0x37 ? .file : Kind(rawValue: type)
    }

    private static func text(_ fields: ImageFields, _ offset: Int, _ count: Int) -> String {
        String(decoding: fields.slice(offset, count).prefix { $0 != 0 }, as: UTF8.self)
    }

    /// Octal digits, or a big number behind a first byte of 0x80.
    private static func number(_ fields: ImageFields, _ range: Range<Int>) throws(EngineError) -> UInt64 {
        let bytes = fields.slice(range.lowerBound, range.count)
        if bytes[0] == 0x80 {
            guard bytes.dropLast(8).dropFirst().allSatisfy({ $0 == 0 }), bytes[bytes.count - 8] < 0x80 else {
                throw EngineError(.corrupt, "a header of the tar has a number that is too large")
            }
            return bytes.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
        }
        let digits = bytes.drop { $0 == 0x20 }.prefix { $0 != 0 && $0 != 0x20 }
        guard !digits.isEmpty else { return 0 }
        guard let number = UInt64(String(decoding: digits, as: UTF8.self), radix: 8) else {
            throw EngineError(
                .corrupt, "a header of the tar has `\(String(decoding: digits, as: UTF8.self))` as a number")
        }
        return number
    }
}
