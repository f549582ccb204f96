/// Takes the marks out of the ends of sectors by which NTFS tells torn writes.
enum NTFSFixup {
    /// - Throws: `.corrupt` when the bytes do not begin with `magic`, or a sector is not of the same write.
    static func mended(_ bytes: [UInt8], magic: String, what: String) throws(EngineError) -> [UInt8] {
        let fields = ImageFields(bytes)
        let start = Int(fields.little(4, as: UInt16.self))
        let count = Int(fields.little(6, as: UInt16.self))
        guard fields.has(magic, at: 0), count > 0, (count - 1) * 512 <= bytes.count, start + 2 * count <= bytes.count
        else { throw EngineError(.corrupt, "\(what): a record of NTFS is damaged") }
        var mended = bytes
        for sector in 1..<max(count, 1) {
            let end = sector * 512 - 2
            guard bytes[end] == bytes[start], bytes[end + 1] == bytes[start + 1] else {
                throw EngineError(.corrupt, "\(what): a record of NTFS was half written")
            }
            mended[end] = bytes[start + 2 * sector]
            mended[end + 1] = bytes[start + 2 * sector + 1]
        }
        return mended
    }
}
