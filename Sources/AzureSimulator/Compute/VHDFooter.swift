/// The last 512 bytes of a fixed VHD, as far as they are checked (Virtual Hard Disk Image Format Specification 1.0).
enum VHDFooter {
    static let size = 512

    /// - Parameters:
    ///   - bytes: the last 512 bytes.
    ///   - length: the bytes of the whole file, with the footer.
    ///   - url: of the blob, without its query.
    /// - Throws: `InvalidVhd`.
    static func check(_ bytes: [UInt8], length: Int, name: String, url: String) throws(AzureError) {
        guard bytes.count == size, bytes[..<8].elementsEqual("conectix".utf8) else {
            throw AzureError(
                400, "InvalidVhd",
                "The specified cookie value in VHD footer indicates that disk '\(name)' with blob \(url) is not a "
                    + "supported VHD. Disk is expected to have cookie value 'conectix'.")
        }
        guard number(bytes, at: 60, 4) == 2 else {
            throw AzureError(
                400, "InvalidVhd",
                "The specified disk '\(name)' with blob \(url) is of type \(number(bytes, at: 60, 4)). Only fixed VHDs are "
                    + "supported.")
        }
        let sum = bytes.indices.reduce(UInt32(0)) { (64..<68).contains($1) ? $0 : $0 &+ UInt32(bytes[$1]) }
        guard number(bytes, at: 64, 4) == Int(~sum) else {
            throw AzureError(
                400, "InvalidVhd", "The checksum in the footer of the disk '\(name)' with blob \(url) is wrong.")
        }
        let virtual = number(bytes, at: 48, 8)
        guard virtual.isMultiple(of: 1 << 20) else {
            throw AzureError(
                400, "InvalidVhd",
                "The specified disk '\(name)' with blob \(url) has an unsupported virtual size of '\(virtual)' bytes. The "
                    + "size must be a whole number (in MBs).")
        }
        guard virtual == length - size else {
            throw AzureError(
                400, "InvalidVhd",
                "The specified disk '\(name)' with blob \(url) has a virtual size of '\(virtual)' bytes, but '\(length - size)' "
                    + "bytes lie before its footer.")
        }
    }

    /// A big-endian number.
    private static func number(_ bytes: [UInt8], at offset: Int, _ count: Int) -> Int {
        Int(truncatingIfNeeded: bytes[offset..<offset + count].reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }
}
