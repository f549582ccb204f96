/// The names in the index of a folder. All blocks are read one after the other, whatever the tree says.
enum NTFSFolder {
    static func entries(root: [UInt8]) -> [GuestEntry] { entries(ImageFields(root), header: 16) }

    /// - Parameter block: of the index, mended.
    static func entries(block: [UInt8]) -> [GuestEntry] { entries(ImageFields(block), header: 24) }

    private static func entries(_ fields: ImageFields, header: Int) -> [GuestEntry] {
        let end = min(fields.bytes.count, header + Int(clamping: fields.little(header + 4, as: UInt32.self)))
        var place = header + Int(clamping: fields.little(header, as: UInt32.self))
        var found: [GuestEntry] = []
        while place + 16 <= end {
            let length = Int(fields.little(place + 8, as: UInt16.self))
            let isLast = fields.little(place + 12, as: UInt16.self) & 2 != 0
            guard !isLast, length >= 16, length <= end - place else { break }
            if let entry = entry(fields, place, length) { found.append(entry) }
            place += length
        }
        return found
    }

    /// Nil for names of DOS, which stand beside the others.
    private static func entry(_ fields: ImageFields, _ place: Int, _ length: Int) -> GuestEntry? {
        let count = Int(fields.byte(place + 16 + 64))
        guard length >= 16 + 66 + 2 * count, fields.byte(place + 16 + 65) != 2 else { return nil }
        let units = (0..<count).map { fields.little(place + 16 + 66 + 2 * $0, as: UInt16.self) }
        let name = String(decoding: units, as: UTF16.self)
        guard name != "." else { return nil }
        return GuestEntry(
            name: name, reference: fields.little(place, as: UInt64.self) & 0xFFFF_FFFF_FFFF)
    }
}
