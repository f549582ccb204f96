/// The names in a block of a folder. Blocks of hashed folders look like empty ones, so that all blocks are read alike.
enum ExtFolder {
    static func entries(_ block: [UInt8]) -> [GuestEntry] {
        let fields = ImageFields(block)
        var found: [GuestEntry] = []
        var position = 0
        while position + 8 <= block.count {
            let inode = fields.little(position, as: UInt32.self)
            let length = Int(fields.little(position + 4, as: UInt16.self))
            let nameCount = Int(fields.byte(position + 6))
            // A block of 64 KiB has no room to say how long an entry is that fills it.
            guard length >= 8, length <= block.count - position else { break }
            if inode != 0, nameCount > 0, 8 + nameCount <= length {
                let bytes = block[(position + 8)..<(position + 8 + nameCount)]
                let name = String(decoding: bytes, as: UTF8.self)
                if name != ".", name != ".." { found.append(GuestEntry(name: name, reference: UInt64(inode))) }
            }
            position += length
        }
        return found
    }
}
