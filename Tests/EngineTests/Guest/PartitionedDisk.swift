@testable import Engine

/// A disk with partitions, put together by hand.
struct PartitionedDisk {
    struct Part {
        /// A GUID, or two hexadecimal digits for an MBR.
        var type: String
        var bytes: [UInt8]
    }

    static let efi = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
    static let linux = "0FC63DAF-8483-4772-8E79-3D69D8477DE4"
    static let biosBoot = "21686148-6449-6E6F-744E-656564454649"
    static let lvm = "E6D6D379-F507-44C2-A23C-238F2A3DF928"

    var parts: [Part]
    var hasBootCode = false
    var mebibytes: UInt64 = 64

    private static let alignment: UInt64 = 1 << 20

    private var starts: [UInt64] {
        var starts: [UInt64] = []
        var position = Self.alignment
        for part in parts {
            starts.append(position)
            position += (UInt64(part.bytes.count) + Self.alignment - 1) / Self.alignment * Self.alignment
        }
        return starts
    }

    func mbr() -> PiecedDisk {
        var first = firstSector
        for (index, part) in parts.enumerated() {
            let offset = 446 + 16 * index
            first.set([UInt8(part.type, radix: 16) ?? 0x83], at: offset + 4)
            first.setLittle(UInt32(starts[index] / 512), at: offset + 8)
            first.setLittle(UInt32(part.bytes.count / 512), at: offset + 12)
        }
        return disk(first.bytes)
    }

    func gpt() -> PiecedDisk {
        var first = firstSector
        first.set([0xEE], at: 450)
        first.setLittle(UInt32(1), at: 454)
        first.setLittle(UInt32(mebibytes << 11) - 1, at: 458)
        var header = ImageFields(count: 512)
        header.set("EFI PART", at: 0)
        header.setLittle(UInt64(2), at: 72)
        header.setLittle(UInt32(128), at: 80)
        header.setLittle(UInt32(128), at: 84)
        var entries = ImageFields(count: 128 * 128)
        for (index, part) in parts.enumerated() {
            entries.set(ImageID(part.type)?.microsoft ?? [], at: 128 * index)
            entries.set(ImageID.named("\(index)").microsoft, at: 128 * index + 16)
            entries.setLittle(starts[index] / 512, at: 128 * index + 32)
            entries.setLittle((starts[index] + UInt64(part.bytes.count)) / 512 - 1, at: 128 * index + 40)
        }
        return disk(first.bytes + header.bytes + entries.bytes)
    }

    private var firstSector: ImageFields {
        var first = ImageFields(count: 512)
        if hasBootCode { first.set([0xEB, 0x63, 0x90], at: 0) }
        first.set([0x55, 0xAA], at: 510)
        return first
    }

    private func disk(_ head: [UInt8]) -> PiecedDisk {
        var disk = PiecedDisk(size: mebibytes << 20)
        disk.put(head, at: 0)
        for (start, part) in zip(starts, parts) { disk.put(part.bytes, at: start) }
        return disk
    }
}
