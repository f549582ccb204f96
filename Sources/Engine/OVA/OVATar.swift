/// The tar of an OVA while it is written. One task uses it.
final class OVATar {
    /// A file that was written.
    struct Entry {
        let name: String
        /// Of its header.
        let offset: UInt64
        let count: UInt64
        /// SHA-256 in hexadecimal digits.
        let digest: String
    }

    private let sink: any ImageSink
    private let time: Timestamp
    private var position: UInt64 = 0

    init(_ sink: any ImageSink, time: Timestamp) {
        self.sink = sink
        self.time = time
    }

    /// Writes a small file.
    func append(_ name: String, _ bytes: [UInt8]) async throws(EngineError) -> Entry {
        let entry = Entry(
            name: name, offset: position, count: UInt64(bytes.count),
            digest: Digest.sha256(bytes.span.bytes).description)
        try await sink.write(TarHeader(name: name, count: entry.count).bytes(time: time), at: position)
        try await sink.write(bytes, at: position + UInt64(TarHeader.size))
        advance(behind: entry)
        return entry
    }

    /// Writes another text in the place of one that was not shorter; blanks fill what is left.
    func replace(_ entry: Entry, _ text: String) async throws(EngineError) -> String {
        let missing = Int(entry.count) - text.utf8.count
        guard missing >= 0 else { throw EngineError(.bug, "no room for \(entry.name) in the tar") }
        let bytes = Array(text.utf8) + [UInt8](repeating: 0x20, count: missing)
        try await sink.write(bytes, at: entry.offset + UInt64(TarHeader.size))
        return Digest.sha256(bytes.span.bytes).description
    }

    /// Writes a file whose bytes `write` puts into a destination that it gets.
    /// - Parameter expected: its size, where the header must be written before; otherwise it is written behind.
    func append(
        _ name: String, expecting expected: UInt64?, _ write: (any ImageDestination) async throws(EngineError) -> Void
    ) async throws(EngineError) -> Entry {
        let header = position
        if let expected { try await sink.write(TarHeader(name: name, count: expected).bytes(time: time), at: header) }
        let member = TarMemberDestination(name: name, sink: sink, at: header + UInt64(TarHeader.size))
        try await write(member)
        let (count, digest) = try member.finished()
        if let expected, expected != count {
            throw EngineError(
                .bug, "\(name) has \(count) bytes, but \(expected) when it was measured: its disk changed meanwhile")
        }
        if expected == nil { try await sink.write(TarHeader(name: name, count: count).bytes(time: time), at: header) }
        let entry = Entry(name: name, offset: header, count: count, digest: digest)
        advance(behind: entry)
        return entry
    }

    private func advance(behind entry: Entry) {
        position = entry.offset + UInt64(TarHeader.size) + TarHeader.padded(entry.count)
    }

    /// Ends the tar; returns its bytes.
    func finish() async throws(EngineError) -> UInt64 {
        let end = position + 2 * UInt64(TarHeader.size)
        try await sink.finish(size: end)
        return end
    }
}
