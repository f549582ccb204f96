import Engine

/// What stands before everything in a stream: how much follows, and what.
struct VMDKMarker: Sendable, Equatable {
    enum Kind: UInt32, Sendable {
        case endOfStream = 0
        case grainTable = 1
        case grainDirectory = 2
        case footer = 3
        /// What vSphere sprinkles while it has nothing else to send.
        case progress = 4
    }

    /// Of a grain: its first sector in the disk. Of anything else: the sectors that follow the marker.
    let value: UInt64
    /// Bytes of a compressed grain; 0 for anything else.
    let grainBytes: UInt32
    /// Number of the kind; without a meaning for grains.
    let kindNumber: UInt32

    /// Bytes before the data of a grain.
    static let grainPrefix = 12

    init(_ fields: ImageFields) {
        value = fields.little(0)
        grainBytes = fields.little(8)
        kindNumber = fields.little(12)
    }

    var isGrain: Bool { grainBytes > 0 }
    var kind: Kind? { isGrain ? nil : Kind(rawValue: kindNumber) }

    /// The bytes before a grain's data.
    static func grain(sector: UInt64, bytes: Int) -> [UInt8] {
        var fields = ImageFields(count: grainPrefix)
        fields.setLittle(sector, at: 0)
        fields.setLittle(UInt32(bytes), at: 8)
        return fields.bytes
    }

    /// The sector before `sectors` of something.
    static func sector(_ kind: Kind, sectors: UInt64) -> [UInt8] {
        var fields = ImageFields(count: Int(VMDKLayout.sector))
        fields.setLittle(sectors, at: 0)
        fields.setLittle(kind.rawValue, at: 12)
        return fields.bytes
    }
}
