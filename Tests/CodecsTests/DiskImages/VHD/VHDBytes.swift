import Engine

@testable import Codecs

/// A small VHD in memory, whose structures can be found and changed.
struct VHDBytes: Sendable {
    var bytes: [UInt8]

    static func written(_ variant: String, _ disk: [UInt8] = ImageSamples.disk) async throws -> VHDBytes {
        let settings = ["variant": variant, "time": "2026-11-22T18:30:45Z"]
        return VHDBytes(bytes: try await ImageSamples.written(disk, as: "vhd", settings))
    }

    /// Offset of the footer at the end.
    var footer: Int { bytes.count - VHDFooter.size }
    var header: Int { Int(VHDLayout.headerOffset) }

    /// Offset of a block's entry in the table.
    func entry(_ block: Int) -> Int { Int(VHDLayout.tableOffset) + 4 * block }

    /// Offset of a block's bitmap.
    func block(_ number: Int) -> Int { Int(big(entry(number), as: UInt32.self)) * 512 }

    func big<N: FixedWidthInteger & UnsignedInteger>(_ offset: Int, as type: N.Type = N.self) -> N {
        ImageFields(Array(bytes[offset..<(offset + N.bitWidth / 8)])).big(0)
    }

    mutating func set(_ value: some FixedWidthInteger, at offset: Int) {
        withUnsafeBytes(of: value.bigEndian) { bytes.replaceSubrange(offset..<(offset + $0.count), with: $0) }
    }

    mutating func set(_ text: String, at offset: Int) {
        bytes.replaceSubrange(offset..<(offset + text.utf8.count), with: text.utf8)
    }

    /// Makes the checksums of the footers and the header right again.
    mutating func seal() {
        seal(footer, VHDFooter.size, field: 64)
        guard bytes[0..<8].elementsEqual(VHDLayout.footerCookie.utf8) else { return }
        seal(0, VHDFooter.size, field: 64)
        seal(header, VHDLayout.headerSize, field: 36)
    }

    private mutating func seal(_ offset: Int, _ count: Int, field: Int) {
        guard offset >= 0, offset + count <= bytes.count else { return }
        set(VHDLayout.checksum(Array(bytes[offset..<(offset + count)]), fieldAt: field), at: offset + field)
    }
}
