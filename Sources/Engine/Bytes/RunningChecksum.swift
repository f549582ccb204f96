/// XXH64 with seed 0 of bytes that come in pieces; the same value as `Checksum.xxh64` of all of them at once.
package struct RunningChecksum: Sendable {
    private var lanes = (
        Checksum.prime1 &+ Checksum.prime2, Checksum.prime2, UInt64(0), 0 &- Checksum.prime1
    )
    /// Bytes that do not fill a stripe of 32 yet.
    private var rest: [UInt8] = []
    private var count: UInt64 = 0

    package init() { rest.reserveCapacity(32) }

    package mutating func update(_ bytes: RawSpan) {
        bytes.withUnsafeBytes { update($0) }
    }

    private mutating func update(_ bytes: UnsafeRawBufferPointer) {
        count &+= UInt64(bytes.count)
        var offset = 0
        if !rest.isEmpty {
            offset = min(32 - rest.count, bytes.count)
            rest.append(contentsOf: bytes[..<offset])
            guard rest.count == 32 else { return }
            rest.withUnsafeBytes { stripes in
                var lanes = self.lanes
                Self.take(stripes, 0, &lanes)
                self.lanes = lanes
            }
            rest.removeAll(keepingCapacity: true)
        }
        var lanes = self.lanes
        while offset &+ 32 <= bytes.count {
            Self.take(bytes, offset, &lanes)
            offset &+= 32
        }
        self.lanes = lanes
        rest.append(contentsOf: bytes[offset...])
    }

    @inline(__always)
    private static func take(
        _ bytes: UnsafeRawBufferPointer, _ offset: Int, _ lanes: inout (UInt64, UInt64, UInt64, UInt64)
    ) {
        lanes.0 = Checksum.round(lanes.0, Checksum.word(bytes, offset))
        lanes.1 = Checksum.round(lanes.1, Checksum.word(bytes, offset &+ 8))
        lanes.2 = Checksum.round(lanes.2, Checksum.word(bytes, offset &+ 16))
        lanes.3 = Checksum.round(lanes.3, Checksum.word(bytes, offset &+ 24))
    }

    /// Of everything so far.
    package var value: UInt64 {
        let start = count >= 32 ? Checksum.joined(lanes) : Checksum.prime5
        return rest.withUnsafeBytes { Checksum.finished(start &+ count, $0, from: 0) }
    }
}
