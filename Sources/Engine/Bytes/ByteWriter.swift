/// Writes fields of our formats, little-endian, into an array of bytes.
package struct ByteWriter {
    package private(set) var bytes: [UInt8] = []

    package init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    package mutating func write(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    package mutating func write(_ digest: Digest) {
        for word in [digest.words.0, digest.words.1, digest.words.2, digest.words.3] {
            withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) }
        }
    }

    package mutating func write(_ pack: PackID) {
        for word in [pack.words.0, pack.words.1] {
            withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) }
        }
    }

    package mutating func write(magic: String) { bytes.append(contentsOf: magic.utf8) }

    package mutating func write(zeros count: Int) { bytes.append(contentsOf: repeatElement(0, count: count)) }

    package mutating func write(_ array: [UInt8]) { bytes.append(contentsOf: array) }
}
