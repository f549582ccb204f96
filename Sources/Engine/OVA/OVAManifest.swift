import Crypto

/// The digests of the files of an OVF package: lines such as `SHA256(disk.vmdk)= 6f0…`.
struct OVAManifest: Equatable {
    enum Algorithm: String {
        case sha1 = "SHA1"
        case sha256 = "SHA256"
        case sha512 = "SHA512"

        var digits: Int {
            switch self {
            case .sha1: 40
            case .sha256: 64
            case .sha512: 128
            }
        }
    }

    struct Line: Equatable {
        let algorithm: Algorithm
        let file: String
        /// Lower-case hexadecimal digits.
        let digest: String
    }

    private(set) var lines: [Line] = []

    private static let mostLines = 4096

    init() {}

    mutating func append(_ file: String, _ digest: String) {
        lines.append(Line(algorithm: .sha256, file: file, digest: digest))
    }

    var text: String { lines.map { "\($0.algorithm.rawValue)(\($0.file))= \($0.digest)\n" }.joined() }

    /// - Throws: `.corrupt` with the line that cannot be read.
    init(parsing text: String) throws(EngineError) {
        let written = text.split(whereSeparator: \.isNewline)
        guard written.count <= Self.mostLines else { throw EngineError(.corrupt, "\(written.count) lines") }
        for line in written where !line.allSatisfy(\.isWhitespace) {
            guard let line = Self.line(line) else {
                throw EngineError(.corrupt, "the line `\(line.prefix(200))` is none of a manifest")
            }
            lines.append(line)
        }
    }

    private static func line(_ text: Substring) -> Line? {
        guard let opening = text.firstIndex(of: "("), let closing = text.lastIndex(of: ")"), opening < closing else {
            return nil
        }
        var word = text[..<opening].filter { $0 != " " }.uppercased()
        // What OpenSSL 3 calls it.
        if word.hasPrefix("SHA2-") { word = "SHA" + word.dropFirst(5) }
        let rest = text[text.index(after: closing)...].drop { $0 == " " }
        guard let algorithm = Algorithm(rawValue: word), rest.first == "=" else { return nil }
        let digest = rest.dropFirst().filter { !$0.isWhitespace }.lowercased()
        guard digest.utf8.count == algorithm.digits, Hex.bytes(digest) != nil else { return nil }
        return Line(algorithm: algorithm, file: String(text[text.index(after: opening)..<closing]), digest: digest)
    }
}

/// A digest of bytes that come in pieces.
struct OVADigest {
    private var hash: any HashFunction

    init(_ algorithm: OVAManifest.Algorithm) {
        switch algorithm {
        case .sha1: hash = Insecure.SHA1()
        case .sha256: hash = SHA256()
        case .sha512: hash = SHA512()
        }
    }

    mutating func update(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
    }

    /// Lower-case hexadecimal digits.
    var text: String { Self.text(of: hash) }

    private static func text(of hash: some HashFunction) -> String { Hex.text(Array(hash.finalize())) }
}
