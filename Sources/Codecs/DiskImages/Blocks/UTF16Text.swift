/// Names in images of Windows: UTF-16, ended by a zero or by their field.
enum UTF16Text {
    static func read(_ bytes: [UInt8], isBigEndian: Bool) -> String {
        let units = stride(from: 0, to: bytes.count - 1, by: 2).map { index -> UInt16 in
            let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
            return isBigEndian ? first << 8 | second : second << 8 | first
        }
        return String(decoding: units.prefix { $0 != 0 }, as: UTF16.self)
    }
}
