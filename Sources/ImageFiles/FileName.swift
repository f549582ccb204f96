/// Makes any text a part of a path, so that different texts stay different.
enum FileName {
    /// Letters, digits, `_`, `-` and inner dots stay; every other byte becomes `%XX`.
    static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        var name = ""
        for (index, byte) in text.utf8.enumerated() {
            let character = Character(UnicodeScalar(byte))
            let isPlain = byte < 0x80 && (character.isLetter || character.isNumber || "_-".contains(character))
            if isPlain || (character == "." && index > 0) {
                name.append(character)
            } else {
                name += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
        return name
    }
}
