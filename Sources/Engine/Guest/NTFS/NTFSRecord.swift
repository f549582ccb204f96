/// A record of the master file table: a file or folder and its attributes.
struct NTFSRecord: Sendable {
    /// An attribute, or a part of one that has several.
    struct Attribute: Sendable {
        static let list: UInt32 = 0x20
        static let volume: UInt32 = 0x70
        static let data: UInt32 = 0x80
        static let indexRoot: UInt32 = 0x90
        static let indexAllocation: UInt32 = 0xA0

        let type: UInt32
        let name: String
        let isResident: Bool
        /// Whether its bytes are compressed or encrypted.
        let isPacked: Bool
        fileprivate let fields: ImageFields

        /// Of a resident one.
        var content: [UInt8] {
            let start = Int(fields.little(20, as: UInt16.self))
            let count = Int(clamping: fields.little(16, as: UInt32.self))
            guard start <= fields.bytes.count, count <= fields.bytes.count - start else { return [] }
            return Array(fields.bytes[start..<(start + count)])
        }

        /// Cluster of the attribute where this part begins.
        var firstCluster: UInt64 { isResident ? 0 : fields.little(16) }
        /// Bytes; only the first part tells it.
        var size: UInt64 { isResident ? UInt64(content.count) : fields.little(48) }

        /// Clusters of the volume, in order: where, nil for zeros, and how many.
        func runs(what: String) throws(EngineError) -> [(cluster: UInt64?, count: UInt64)] {
            try NTFSRuns.runs(fields, from: Int(fields.little(32, as: UInt16.self)), what: what)
        }
    }

    let attributes: [Attribute]
    let isInUse: Bool
    let isFolder: Bool

    /// - Throws: `.corrupt` for what is no record.
    init(_ bytes: [UInt8], what: String) throws(EngineError) {
        let fields = ImageFields(try NTFSFixup.mended(bytes, magic: "FILE", what: what))
        isInUse = fields.little(22, as: UInt16.self) & 1 != 0
        isFolder = fields.little(22, as: UInt16.self) & 2 != 0
        var attributes: [Attribute] = []
        var place = Int(fields.little(20, as: UInt16.self))
        while place + 24 <= bytes.count, fields.little(place, as: UInt32.self) != .max {
            let length = Int(clamping: fields.little(place + 4, as: UInt32.self))
            guard length >= 24, length <= bytes.count - place else { break }
            attributes.append(Self.attribute(ImageFields(Array(fields.bytes[place..<(place + length)]))))
            place += length
        }
        self.attributes = attributes
    }

    func first(_ type: UInt32, named name: String = "") -> Attribute? {
        attributes.first { $0.type == type && $0.name == name }
    }

    private static func attribute(_ fields: ImageFields) -> Attribute {
        let start = Int(fields.little(10, as: UInt16.self))
        let units = (0..<Int(fields.byte(9))).map { fields.little(start + 2 * $0, as: UInt16.self) }
        return Attribute(
            type: fields.little(0), name: String(decoding: units, as: UTF16.self), isResident: fields.byte(8) == 0,
            isPacked: fields.little(12, as: UInt16.self) & 0x40FF != 0, fields: fields)
    }
}
