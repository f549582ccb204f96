/// Takes a message of SSH's kind apart, believing nothing of it.
struct WireReader {
    private let content: [UInt8]
    private let sender: String
    private var position = 0

    init(_ content: [UInt8], from sender: String) {
        self.content = content
        self.sender = sender
    }

    var isAtEnd: Bool { position == content.count }

    mutating func number() throws(WireError) -> UInt32 {
        guard content.count - position >= 4 else { throw nonsense }
        defer { position += 4 }
        return content[position..<(position + 4)].reduce(0) { $0 << 8 | UInt32($1) }
    }

    mutating func longNumber() throws(WireError) -> UInt64 {
        let high = try number()
        return UInt64(high) << 32 | UInt64(try number())
    }

    mutating func bytes() throws(WireError) -> [UInt8] {
        let count = Int(try number())
        guard count <= content.count - position else { throw nonsense }
        defer { position += count }
        return Array(content[position..<(position + count)])
    }

    mutating func text() throws(WireError) -> String { String(decoding: try bytes(), as: UTF8.self) }

    /// What has not been taken apart.
    var rest: [UInt8] { Array(content[position...]) }

    private var nonsense: WireError { WireError(.protocolViolation, "\(sender) sent a message that makes no sense") }
}
