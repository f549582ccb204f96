import Engine

@testable import Codecs

/// A differencing VHD made by hand, after Microsoft's specification.
struct VHDChild {
    var size: UInt64 = 8 << 20
    var id: ImageID
    var parent: ImageID
    var parentName = "base.vhd"
    /// Relative path in the manner of Windows, the locator `W2ru`; none when nil.
    var relativePath: String?
    /// What the sectors that it holds are filled with, by their numbers.
    var sectors: [UInt64: UInt8] = [:]

    private static let blockSize: UInt64 = 2 << 20
    private static let locator = 2048

    var bytes: [UInt8] {
        var footer = VHDFooter(size: size, kind: .dynamic, id: id, time: Timestamp(milliseconds: 1_800_000_000_000))
        footer.kind = .differencing
        var blocks: [UInt64] = []
        for sector in sectors.keys where !blocks.contains(sector * 512 / Self.blockSize) {
            blocks.append(sector * 512 / Self.blockSize)
        }
        blocks.sort()
        let first = Self.locator + 512
        let stride = 512 + Int(Self.blockSize)
        var fields = ImageFields(count: first + blocks.count * stride + 512)
        fields.set(footer.bytes, at: 0)
        fields.set(header, at: 512)
        fields.set([UInt8](repeating: 0xFF, count: 512), at: Int(VHDLayout.tableOffset))
        fields.set(Self.utf16(relativePath ?? ""), at: Self.locator)
        for (rank, block) in blocks.enumerated() {
            fields.setBig(UInt32((first + rank * stride) / 512), at: Int(VHDLayout.tableOffset) + 4 * Int(block))
        }
        for (sector, value) in sectors {
            guard let rank = blocks.firstIndex(of: sector * 512 / Self.blockSize) else { continue }
            let (place, number) = (first + rank * stride, Int(sector % (Self.blockSize / 512)))
            fields.set([fields.byte(place + number / 8) | 0x80 >> UInt8(number % 8)], at: place + number / 8)
            fields.set([UInt8](repeating: value, count: 512), at: place + 512 + number * 512)
        }
        fields.set(footer.bytes, at: fields.bytes.count - 512)
        return fields.bytes
    }

    private var header: [UInt8] {
        var fields = ImageFields(VHDDynamicHeader(size: size, blockSize: Self.blockSize).bytes)
        fields.set(parent.bytes, at: 40)
        fields.set(Self.utf16(parentName, isBigEndian: true), at: 64)
        if let relativePath {
            fields.set("W2ru", at: 576)
            fields.setBig(UInt32(512), at: 580)
            fields.setBig(UInt32(relativePath.utf16.count * 2), at: 584)
            fields.setBig(UInt64(Self.locator), at: 592)
        }
        fields.setBig(UInt32(0), at: 36)
        fields.setBig(VHDLayout.checksum(fields.bytes, fieldAt: 36), at: 36)
        return fields.bytes
    }

    private static func utf16(_ text: String, isBigEndian: Bool = false) -> [UInt8] {
        text.utf16.flatMap { unit -> [UInt8] in
            let (high, low) = (UInt8(unit >> 8), UInt8(unit & 0xFF))
            return isBigEndian ? [high, low] : [low, high]
        }
    }
}
