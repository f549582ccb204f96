/// What a volume holds, and by which name its contents are found.
package struct VolumeSignature: Sendable, Equatable {
    package let kind: VolumeKind
    /// As `blkid` prints it: a UUID, or the shorter number of FAT and NTFS.
    package var id: String?
    package var label: String?

    /// Nil when nothing known was found: blank, or something else.
    static func read(_ volume: GuestVolume) async throws(EngineError) -> VolumeSignature? {
        let head = try await volume.fields(at: 0, count: Int(min(8192, volume.size)))
        if let found = container(head) { return found }
        if try await isRAID(volume, head) { return VolumeSignature(kind: .raid) }
        if let found = fileSystem(head) { return found }
        if let found = try await btrfs(volume) { return found }
        return try await swap(volume)
    }

    private static func container(_ head: ImageFields) -> VolumeSignature? {
        if head.slice(0, 6) == Array("LUKS".utf8) + [0xBA, 0xBE] {
            return VolumeSignature(kind: .luks, id: text(head.slice(168, 40)))
        }
        if head.has("-FVE-FS-", at: 3) { return VolumeSignature(kind: .bitLocker) }
        let label = stride(from: 0, to: 2048, by: 512).first { head.has("LABELONE", at: $0) }
        return label == nil ? nil : VolumeSignature(kind: .lvm)
    }

    private static func fileSystem(_ head: ImageFields) -> VolumeSignature? {
        if head.has("XFSB", at: 0) {
            return VolumeSignature(kind: .xfs, id: uuid(head, 32), label: text(head.slice(108, 12)))
        }
        if head.has("NTFS    ", at: 3) {
            return VolumeSignature(kind: .ntfs, id: Hex.text(head.slice(72, 8).reversed()).uppercased())
        }
        if head.has("ReFS\0", at: 3) { return VolumeSignature(kind: .refs) }
        if head.has("EXFAT   ", at: 3) { return VolumeSignature(kind: .exfat, id: serial(head, 100)) }
        if head.little(1080, as: UInt16.self) == 0xEF53 { return ext(head) }
        guard head.little(510, as: UInt16.self) == 0xAA55 else { return nil }
        if head.has("FAT32", at: 82) {
            return VolumeSignature(kind: .fat, id: serial(head, 67), label: text(head.slice(71, 11)))
        }
        if head.has("FAT", at: 54) {
            return VolumeSignature(kind: .fat, id: serial(head, 39), label: text(head.slice(43, 11)))
        }
        return nil
    }

    /// By the features: the kernel's documentation, filesystems/ext4, section super block.
    private static func ext(_ head: ImageFields) -> VolumeSignature {
        let hasJournal = head.little(1024 + 92, as: UInt32.self) & 0x4 != 0
        let isExt4 =
            head.little(1024 + 96, as: UInt32.self) & ~0x16 != 0 || head.little(1024 + 100, as: UInt32.self) & ~0x7 != 0
        return VolumeSignature(
            kind: isExt4 ? .ext4 : hasJournal ? .ext3 : .ext2, id: uuid(head, 1024 + 104),
            label: text(head.slice(1024 + 120, 16)))
    }

    private static func btrfs(_ volume: GuestVolume) async throws(EngineError) -> VolumeSignature? {
        guard let block = try await volume.fieldsIfThere(at: 64 << 10, count: 4096), block.has("_BHRfS_M", at: 64)
        else { return nil }
        return VolumeSignature(kind: .btrfs, id: uuid(block, 32), label: text(block.slice(299, 256)))
    }

    /// The signature stands at the end of the first page, and pages differ.
    private static func swap(_ volume: GuestVolume) async throws(EngineError) -> VolumeSignature? {
        for page in [4096, 8192, 16384, 65536] {
            guard let end = try await volume.fieldsIfThere(at: UInt64(page - 10), count: 10) else { return nil }
            guard end.has("SWAPSPACE2", at: 0) || end.has("SWAP-SPACE", at: 0) else { continue }
            let header = try await volume.fields(at: 1024, count: 44)
            return VolumeSignature(kind: .swap, id: uuid(header, 12), label: text(header.slice(28, 16)))
        }
        return nil
    }

    /// The superblock of version 1.1 is at the beginning, 1.2 behind 4 KiB, 1.0 and 0.90 near the end.
    private static func isRAID(_ volume: GuestVolume, _ head: ImageFields) async throws(EngineError) -> Bool {
        let magic: UInt32 = 0xA92B_4EFC
        if head.little(0, as: UInt32.self) == magic || head.little(4096, as: UInt32.self) == magic { return true }
        guard volume.size >= 128 << 10 else { return false }
        let places = [(volume.size / 512 - 16) / 8 * 8 * 512, volume.size / 65536 * 65536 - 65536]
        for place in places {
            guard let block = try await volume.fieldsIfThere(at: place, count: 4) else { continue }
            if block.little(0, as: UInt32.self) == magic { return true }
        }
        return false
    }

    private static func uuid(_ fields: ImageFields, _ offset: Int) -> String {
        ImageID(bytes: fields.slice(offset, 16)).description
    }

    /// Four bytes as `ABCD-1234`.
    private static func serial(_ fields: ImageFields, _ offset: Int) -> String {
        let digits = Hex.text(fields.slice(offset, 4).reversed()).uppercased()
        return digits.prefix(4) + "-" + digits.suffix(4)
    }

    /// Up to the first zero, without blanks at its end; nil when nothing is left.
    private static func text(_ bytes: [UInt8]) -> String? {
        let text = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        let end = text.lastIndex { $0 != " " }
        return end.map { String(text[...$0]) }
    }
}
