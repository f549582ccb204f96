/// Names for temporary files that nobody else picks.
package enum RandomName {
    /// 16 hexadecimal digits.
    package static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        return Hex.text(generator.next() as UInt64)
    }
}
