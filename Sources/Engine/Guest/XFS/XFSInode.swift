/// A file, folder or link of XFS.
struct XFSInode: Sendable {
    enum Form: UInt8, Sendable {
        /// In the inode itself.
        case local = 1
        case extents = 2
        case tree = 3
    }

    private let fields: ImageFields

    /// - Throws: `.corrupt` for what is no inode.
    init(_ fields: ImageFields, what: String) throws(EngineError) {
        self.fields = fields
        guard fields.has("IN", at: 0) else { throw EngineError(.corrupt, "\(what): an inode of XFS is damaged") }
    }

    var kind: GuestNode.Kind {
        switch fields.big(2, as: UInt16.self) & 0xF000 {
        case 0x8000: .file
        case 0x4000: .folder
        case 0xA000: .link
        default: .other
        }
    }

    /// Nil for devices and the like.
    var form: Form? { Form(rawValue: fields.byte(5)) }
    /// Bytes.
    var size: UInt64 { fields.big(56) }
    var isNew: Bool { fields.byte(4) >= 3 }

    /// Of extents that stand in the inode.
    var extentCount: Int {
        let isWide = isNew && fields.big(120, as: UInt64.self) & 0x10 != 0
        return isWide
            ? Int(clamping: fields.big(24, as: UInt64.self)) : Int(clamping: fields.big(76, as: UInt32.self))
    }

    /// Where the data, or what tells of it, stands.
    var fork: [UInt8] {
        let start = isNew ? 176 : 100
        let end = fields.byte(82) > 0 ? start + 8 * Int(fields.byte(82)) : fields.bytes.count
        guard start < fields.bytes.count, end > start else { return [] }
        return Array(fields.bytes[start..<min(end, fields.bytes.count)])
    }
}
