/// Reads fields of our formats, little-endian, and never past the end.
package struct ByteReader: ~Escapable {
    private let bytes: RawSpan
    package private(set) var offset = 0
    private let what: String

    /// - Parameter what: names the object in errors.
    @_lifetime(copy bytes)
    package init(_ bytes: RawSpan, what: String) {
        self.bytes = bytes
        self.what = what
    }

    package var remaining: Int { bytes.byteCount - offset }

    package mutating func read<N: FixedWidthInteger & BitwiseCopyable>(_ type: N.Type) throws(EngineError) -> N {
        try need(MemoryLayout<N>.size)
        defer { offset += MemoryLayout<N>.size }
        return N(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: N.self))
    }

    package mutating func readDigest() throws(EngineError) -> Digest {
        try need(Digest.count)
        defer { offset += Digest.count }
        return Digest(bytes, at: offset)
    }

    package mutating func readPackID() throws(EngineError) -> PackID {
        try need(16)
        defer { offset += 16 }
        return PackID(bytes, at: offset)
    }

    package mutating func expect(magic: String) throws(EngineError) {
        let wanted = Array(magic.utf8)
        try need(wanted.count)
        for (index, byte) in wanted.enumerated()
        where bytes.unsafeLoad(fromByteOffset: offset + index, as: UInt8.self) != byte {
            throw EngineError(.corrupt, "\(what) does not start with `\(magic)`")
        }
        offset += wanted.count
    }

    package mutating func skip(_ count: Int) throws(EngineError) {
        try need(count)
        offset += count
    }

    private func need(_ count: Int) throws(EngineError) {
        guard count >= 0, count <= remaining else {
            throw EngineError(.corrupt, "\(what) ends after \(bytes.byteCount) bytes, in the middle of a field")
        }
    }
}
