/// A structure of an image with fields at fixed places, in both byte orders.
///
/// Reading behind its end gives zeros: what a file lacks is told when it is loaded.
public struct ImageFields: Sendable, Equatable {
    public private(set) var bytes: [UInt8]

    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Zeros to be filled.
    public init(count: Int) { bytes = [UInt8](repeating: 0, count: count) }

    // Inlined, because readers ask for many small numbers, and generic integers are slow across modules.
    @inlinable
    public func little<N: FixedWidthInteger & UnsignedInteger>(_ offset: Int, as type: N.Type = N.self) -> N {
        N(littleEndian: inMemory(offset))
    }

    @inlinable
    public func big<N: FixedWidthInteger & UnsignedInteger>(_ offset: Int, as type: N.Type = N.self) -> N {
        N(bigEndian: inMemory(offset))
    }

    /// The number at `offset` in the order of bytes it stands in.
    @inlinable
    func inMemory<N: FixedWidthInteger & UnsignedInteger>(_ offset: Int) -> N {
        var value: N = 0
        withUnsafeMutableBytes(of: &value) { target in
            for step in target.indices { target[step] = byte(offset + step) }
        }
        return value
    }

    @inlinable
    public func byte(_ offset: Int) -> UInt8 { bytes.indices.contains(offset) ? bytes[offset] : 0 }

    public func slice(_ offset: Int, _ count: Int) -> [UInt8] { (offset..<(offset + count)).map { byte($0) } }

    /// Whether ASCII text stands at `offset`.
    public func has(_ text: String, at offset: Int) -> Bool { slice(offset, text.utf8.count) == Array(text.utf8) }

    /// - Precondition: the field lies within the structure.
    public mutating func setLittle(_ value: some FixedWidthInteger, at offset: Int) {
        withUnsafeBytes(of: value.littleEndian) { set(Array($0), at: offset) }
    }

    /// - Precondition: the field lies within the structure.
    public mutating func setBig(_ value: some FixedWidthInteger, at offset: Int) {
        withUnsafeBytes(of: value.bigEndian) { set(Array($0), at: offset) }
    }

    /// - Precondition: the field lies within the structure.
    public mutating func set(_ value: [UInt8], at offset: Int) {
        bytes.replaceSubrange(offset..<(offset + value.count), with: value)
    }

    public mutating func set(_ text: String, at offset: Int) { set(Array(text.utf8), at: offset) }
}

extension ImageStorage {
    /// The `count` bytes at `offset`.
    /// - Throws: `.corrupt` when the file ends before.
    public func fields(at offset: UInt64, count: Int, what: String) async throws(EngineError) -> ImageFields {
        guard offset <= size, UInt64(count) <= size - offset else {
            throw EngineError(
                .corrupt, "\(name): \(what) should be at \(offset), but the file ends at \(size): it is cut off")
        }
        let buffer = Buffer(capacity: max(1, count))
        try await read(ByteRange(start: offset, count: UInt64(count)), into: buffer)
        return ImageFields(buffer.array)
    }
}
