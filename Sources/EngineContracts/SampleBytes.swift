/// Bytes for trials: the same for the same seed, on every machine.
public enum SampleBytes {
    /// `count` bytes that no codec makes smaller.
    public static func random(_ count: Int, seed: UInt64) -> [UInt8] {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            withUnsafeBytes(of: (state &* 0x2545_F491_4F6C_DD1D).littleEndian) { bytes.append(contentsOf: $0) }
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// `count` bytes of words, as log files have them: codecs make them a fraction of their size.
    public static func text(_ count: Int, seed: UInt64) -> [UInt8] {
        let words = ["error", "started", "block", "volume", "2024", "the", "request", "of", "user", "ok", "\n"]
        let choices = random(count / 2 + 1, seed: seed)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 16)
        for choice in choices where bytes.count < count {
            bytes.append(contentsOf: words[Int(choice) % words.count].utf8)
            bytes.append(UInt8(ascii: " "))
        }
        bytes.append(contentsOf: repeatElement(UInt8(ascii: "."), count: max(0, count - bytes.count)))
        return Array(bytes.prefix(count))
    }
}
