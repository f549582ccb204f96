/// A file, folder or link of ext, as it stands in the table of inodes.
struct ExtInode: Sendable {
    private let fields: ImageFields

    init(_ fields: ImageFields) { self.fields = fields }

    var kind: GuestNode.Kind {
        switch fields.little(0, as: UInt16.self) & 0xF000 {
        case 0x8000: .file
        case 0x4000: .folder
        case 0xA000: .link
        default: .other
        }
    }

    /// Bytes. The upper half means something else for folders of old file systems.
    var size: UInt64 {
        let low = UInt64(fields.little(4, as: UInt32.self))
        return kind == .folder ? low : low | UInt64(fields.little(108, as: UInt32.self)) << 32
    }

    private var flags: UInt32 { fields.little(32) }
    var hasExtents: Bool { flags & 0x80000 != 0 }
    var hasInlineData: Bool { flags & 0x1000_0000 != 0 }
    var isEncrypted: Bool { flags & 0x800 != 0 }

    /// 15 pointers to blocks, the head of a tree of extents, or the first bytes themselves.
    var blocks: [UInt8] { fields.slice(40, 60) }

    /// Short targets of links stand where blocks would.
    var isShortLink: Bool { kind == .link && size < 60 && !hasInlineData }

    /// What of inline data does not fit in `blocks`: the value of the attribute `system.data`.
    var inlineRest: [UInt8] {
        let start = 128 + Int(fields.little(128, as: UInt16.self))
        guard fields.bytes.count > 132, start + 4 < fields.bytes.count,
            fields.little(start, as: UInt32.self) == 0xEA02_0000
        else { return [] }
        var entry = start + 4
        while entry + 16 <= fields.bytes.count, fields.byte(entry) != 0 || fields.byte(entry + 1) != 0 {
            let nameCount = Int(fields.byte(entry))
            let place = start + 4 + Int(fields.little(entry + 2, as: UInt16.self))
            let count = Int(clamping: fields.little(entry + 8, as: UInt32.self))
            if fields.byte(entry + 1) == 7, nameCount == 4, fields.has("data", at: entry + 16) {
                guard place <= fields.bytes.count, count <= fields.bytes.count - place else { return [] }
                return Array(fields.bytes[place..<(place + count)])
            }
            entry += 16 + (nameCount + 3) / 4 * 4
        }
        return []
    }
}
