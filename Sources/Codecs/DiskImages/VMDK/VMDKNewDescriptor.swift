import Engine

/// What the descriptor of a new disk says.
struct VMDKNewDescriptor {
    let createType: String
    let extents: [VMDKExtentLine]
    let adapter: VMDKAdapter
    let hardwareVersion: Int
    /// All other ids follow from it.
    let id: ImageID
    var isThin = false

    /// Sectors.
    private var capacity: UInt64 { extents.reduce(0) { $0 + $1.sectors } }

    private struct Geometry {
        let cylinders: UInt64
        let heads: UInt64
        let sectors: UInt64
    }

    private var geometry: Geometry {
        let isIDE = adapter == .ide
        let (heads, most): (UInt64, UInt64) = isIDE ? (16, 16383) : (255, 65535)
        return Geometry(cylinders: max(1, min(most, capacity / (heads * 63))), heads: heads, sectors: 63)
    }

    /// Changes with the disk's contents in VMware's products; a child knows its parent by it.
    var contentID: UInt32 {
        let bytes = id.derived(for: "vmdk content").bytes
        let value = bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
        // Both of the highest numbers mean something else.
        return value >= 0xFFFF_FFFE ? 1 : value
    }

    private var uuid: String {
        let digits = ([0x60, 0x00, 0xC2, 0x90] + id.derived(for: "vmdk disk").bytes.prefix(12)).map { Hex.text([$0]) }
        return digits.prefix(8).joined(separator: " ") + "-" + digits.dropFirst(8).joined(separator: " ")
    }

    var text: String {
        let content = Hex.text((0..<4).map { UInt8(truncatingIfNeeded: contentID >> (24 - 8 * $0)) })
        let long = Hex.text(id.derived(for: "vmdk long content").bytes.prefix(12)) + content
        let thin = isThin ? "ddb.thinProvisioned = \"1\"\n" : ""
        return """
            \(VMDKDescriptor.firstLine)
            version=1
            encoding="UTF-8"
            CID=\(content)
            parentCID=ffffffff
            createType="\(createType)"

            # Extent description
            \(extents.map(\.text).joined(separator: "\n"))

            # The Disk Data Base
            #DDB

            ddb.adapterType = "\(adapter.word)"
            ddb.geometry.cylinders = "\(geometry.cylinders)"
            ddb.geometry.heads = "\(geometry.heads)"
            ddb.geometry.sectors = "\(geometry.sectors)"
            ddb.longContentID = "\(long)"
            \(thin)ddb.toolsInstallType = "4"
            ddb.toolsVersion = "2147483647"
            ddb.uuid = "\(uuid)"
            ddb.virtualHWVersion = "\(hardwareVersion)"

            """
    }
}
