/// The names in folders of XFS, in the inode or in blocks.
struct XFSFolder {
    let hasFileTypes: Bool

    /// Of a folder that is small enough for its inode.
    func entries(inode fork: [UInt8]) -> [GuestEntry] {
        let fields = ImageFields(fork)
        let width = fields.byte(1) > 0 ? 8 : 4
        var place = 2 + width
        var found: [GuestEntry] = []
        for _ in 0..<max(Int(fields.byte(0)), Int(fields.byte(1))) {
            let count = Int(fields.byte(place))
            let number = place + 3 + count + (hasFileTypes ? 1 : 0)
            guard count > 0, number + width <= fork.count else { break }
            let name = String(decoding: fields.slice(place + 3, count), as: UTF8.self)
            let inode = width == 8 ? fields.big(number, as: UInt64.self) : UInt64(fields.big(number, as: UInt32.self))
            found.append(GuestEntry(name: name, reference: inode))
            place = number + width
        }
        return found
    }

    /// Of one block; none for a block that is damaged, or holds an index.
    func entries(block: [UInt8]) -> [GuestEntry] {
        let fields = ImageFields(block)
        var end = block.count
        var place = 64
        if fields.has("XDB3", at: 0) || fields.has("XD2B", at: 0) {
            let leaves = Int(clamping: fields.big(block.count - 8, as: UInt32.self))
            guard leaves <= (block.count - 8) / 8 else { return [] }
            end -= 8 + 8 * leaves
        } else if !fields.has("XDD3", at: 0), !fields.has("XD2D", at: 0) {
            return []
        }
        if fields.byte(2) == UInt8(ascii: "2") || fields.byte(3) != UInt8(ascii: "3") { place = 16 }
        var found: [GuestEntry] = []
        while place + 12 <= end {
            if fields.big(place, as: UInt16.self) == 0xFFFF {
                let length = Int(fields.big(place + 2, as: UInt16.self))
                guard length >= 8 else { break }
                place += length
                continue
            }
            let count = Int(fields.byte(place + 8))
            guard count > 0, place + 9 + count <= end else { break }
            let name = String(decoding: fields.slice(place + 9, count), as: UTF8.self)
            if name != ".", name != ".." {
                found.append(GuestEntry(name: name, reference: fields.big(place, as: UInt64.self)))
            }
            place += (8 + 1 + count + (hasFileTypes ? 1 : 0) + 2 + 7) / 8 * 8
        }
        return found
    }
}
