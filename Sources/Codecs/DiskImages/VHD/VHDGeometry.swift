/// Cylinders, heads and sectors, as the specification's appendix makes them of a size.
struct VHDGeometry: Sendable, Equatable {
    let cylinders: UInt16
    let heads: UInt8
    let sectorsPerTrack: UInt8

    init(cylinders: UInt16, heads: UInt8, sectorsPerTrack: UInt8) {
        self.cylinders = cylinders
        self.heads = heads
        self.sectorsPerTrack = sectorsPerTrack
    }

    /// - Parameter sectors: of the disk.
    init(sectors: UInt64) {
        let total = min(sectors, 65535 * 16 * 255)
        var track: UInt64 = 17
        var heads: UInt64 = 16
        var cylindersTimesHeads: UInt64
        if total >= 65535 * 16 * 63 {
            track = 255
            cylindersTimesHeads = total / track
        } else {
            cylindersTimesHeads = total / track
            heads = max(4, (cylindersTimesHeads + 1023) / 1024)
            if cylindersTimesHeads >= heads * 1024 || heads > 16 {
                track = 31
                heads = 16
                cylindersTimesHeads = total / track
            }
            if cylindersTimesHeads >= heads * 1024 {
                track = 63
                heads = 16
                cylindersTimesHeads = total / track
            }
        }
        self.init(
            cylinders: UInt16(cylindersTimesHeads / heads), heads: UInt8(heads), sectorsPerTrack: UInt8(track))
    }

    /// Sectors that the geometry can address: mostly fewer than the disk has.
    var sectors: UInt64 { UInt64(cylinders) * UInt64(heads) * UInt64(sectorsPerTrack) }

    /// The largest one stands for "too large for a geometry".
    var isSaturated: Bool { cylinders == 65535 && heads == 16 && sectorsPerTrack == 255 }
}
