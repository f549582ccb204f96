import Engine

@testable import Codecs

/// An entry of a VHDX's log made by hand, after [MS-VHDX] 2.3.1.
struct VHDXLogged {
    enum Change {
        /// 4,096 bytes at an offset of the file.
        case data(Int, [UInt8])
        case zeros(Int, count: Int)
    }

    var sequence: UInt64
    /// Where the oldest entry is in the ring that belongs to this one.
    var tail: Int
    var changes: [Change]
    var flushedEnd: UInt64 = 0
    var lastEnd: UInt64 = 0
    /// The log that it belongs to, when it is another one.
    var id: ImageID?

    private var descriptorArea: Int { (64 + 32 * changes.count + 4095) / 4096 * 4096 }

    /// Bytes in the log.
    var count: Int {
        descriptorArea
            + changes.reduce(0) {
                if case .data = $1 { $0 + 4096 } else { $0 }
            }
    }

    func bytes(_ id: ImageID) -> [UInt8] {
        var fields = ImageFields(count: count)
        fields.set("loge", at: 0)
        fields.setLittle(UInt32(count), at: 8)
        fields.setLittle(UInt32(tail), at: 12)
        fields.setLittle(sequence, at: 16)
        fields.setLittle(UInt32(changes.count), at: 24)
        fields.set((self.id ?? id).microsoft, at: 32)
        fields.setLittle(flushedEnd, at: 48)
        fields.setLittle(lastEnd, at: 56)
        var sector = descriptorArea
        for (index, change) in changes.enumerated() {
            let place = 64 + 32 * index
            fields.setLittle(sequence, at: place + 24)
            switch change {
            case .data(let offset, let bytes):
                fields.set("desc", at: place)
                fields.set(Array(bytes[4092...]), at: place + 4)
                fields.set(Array(bytes[..<8]), at: place + 8)
                fields.setLittle(UInt64(offset), at: place + 16)
                fields.set("data", at: sector)
                fields.setLittle(UInt32(sequence >> 32), at: sector + 4)
                fields.set(Array(bytes[8..<4092]), at: sector + 8)
                fields.setLittle(UInt32(truncatingIfNeeded: sequence), at: sector + 4092)
                sector += 4096
            case .zeros(let offset, let count):
                fields.set("zero", at: place)
                fields.setLittle(UInt64(count), at: place + 8)
                fields.setLittle(UInt64(offset), at: place + 16)
            }
        }
        fields.setLittle(CRC32C.of(fields.bytes, fieldAt: 4), at: 4)
        return fields.bytes
    }
}
