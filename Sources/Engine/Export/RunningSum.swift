/// What tells whether the bytes of a file are the same still, while they come one after the other: the SHA-256 where one
/// is wanted anyway, else a checksum, which costs next to nothing, and nothing at all for holes.
struct RunningSum: Sendable {
    // One of the two; both are changed where they are.
    private var hash: RunningDigest?
    private var checksum: SparseChecksum?
    /// Bytes so far.
    var count: UInt64 { hash?.count ?? checksum?.count ?? 0 }

    init(isDigest: Bool) {
        if isDigest { hash = RunningDigest() } else { checksum = SparseChecksum() }
    }

    mutating func append(_ bytes: RawSpan) {
        hash?.append(bytes)
        checksum?.append(bytes)
    }

    /// Appends zeros until `count` is `end`; nothing when it is that already.
    mutating func appendZeros(to end: UInt64) {
        hash?.appendZeros(to: end)
        checksum?.appendZeros(to: end)
    }

    /// The SHA-256 of everything so far, if that is what is kept.
    var digest: Digest? { hash?.digest }

    /// Names what is kept and its value: equal texts, equal bytes.
    var text: String {
        if let hash { return "sha256 \(hash.digest)" }
        return "xxh64-blocks \(String(checksum?.value ?? 0, radix: 16))"
    }

    /// Whether that was the text of a SHA-256.
    static func isDigest(_ text: String) -> Bool { text.hasPrefix("sha256 ") }
}
