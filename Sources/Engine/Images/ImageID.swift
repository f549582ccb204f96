/// A UUID as disk images have them: 16 bytes in the order in which the text names them.
public struct ImageID: Sendable, Hashable, CustomStringConvertible {
    /// 16 bytes.
    public let bytes: [UInt8]

    /// A random one, of version 4.
    public static func random() -> ImageID {
        var generator = SystemRandomNumberGenerator()
        let (high, low): (UInt64, UInt64) = (generator.next(), generator.next())
        return ImageID(words: high, low)
    }

    /// Another one that depends on nothing but this one and `purpose`.
    public func derived(for purpose: String) -> ImageID {
        let digest = Digest.sha256((bytes + Array(purpose.utf8)).span.bytes)
        return ImageID(words: digest.words.0, digest.words.1)
    }

    /// The one that stands for `text`.
    public static func named(_ text: String) -> ImageID {
        let digest = Digest.sha256(Array(text.utf8).span.bytes)
        return ImageID(words: digest.words.0, digest.words.1)
    }

    private init(words high: UInt64, _ low: UInt64) {
        let marked = (high & ~0xF000 | 0x4000, low & ~(3 << 62) | 2 << 62)
        bytes = withUnsafeBytes(of: (marked.0.bigEndian, marked.1.bigEndian)) { Array($0) }
    }

    /// - Precondition: 16 bytes.
    public init(bytes: some Collection<UInt8>) {
        precondition(bytes.count == 16, "a UUID has 16 bytes")
        self.bytes = Array(bytes)
    }

    /// - Parameter microsoft: the order in which Windows keeps GUIDs: the first three fields little-endian.
    public init(microsoft bytes: some Collection<UInt8>) { self.init(bytes: Self.swapped(Array(bytes))) }

    /// The 16 bytes in the order in which Windows keeps GUIDs.
    public var microsoft: [UInt8] { Self.swapped(bytes) }

    private static func swapped(_ bytes: [UInt8]) -> [UInt8] {
        precondition(bytes.count == 16, "a UUID has 16 bytes")
        return [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15].map { bytes[$0] }
    }

    /// Reads `2DC27766-F623-4200-9D64-115E9BFD4A08`, in upper or lower case, with or without braces.
    public init?(_ text: String) {
        var text = Substring(text)
        if text.hasPrefix("{"), text.hasSuffix("}") { text = text.dropFirst().dropLast() }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [8, 4, 4, 4, 12],
            let bytes = Hex.bytes(parts.joined().lowercased())
        else { return nil }
        self.init(bytes: bytes)
    }

    public var isZero: Bool { bytes.allSatisfy { $0 == 0 } }

    public var description: String {
        let digits = Array(Hex.text(bytes))
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
    }
}

extension ImageID: Decodable, PlacedSetting {
    package init(placed setting: Setting, what: String) throws {
        guard case .scalar(let text) = setting.shape, let id = ImageID(text) else {
            throw setting.mismatch(what, "a UUID such as `2dc27766-f623-4200-9d64-115e9bfd4a08`")
        }
        self = id
    }

    public init(from decoder: any Decoder) throws {
        throw EngineError(.bug, "an id can only be decoded from settings")
    }
}
