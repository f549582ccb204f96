/// What the first bytes of a volume say it holds.
package enum VolumeKind: String, Sendable, Equatable {
    case ext2, ext3, ext4
    case xfs = "XFS"
    case btrfs = "Btrfs"
    case ntfs = "NTFS"
    case refs = "ReFS"
    case fat = "FAT"
    case exfat = "exFAT"
    case swap
    case lvm = "LVM2 physical volume"
    case luks = "LUKS"
    case bitLocker = "BitLocker"
    case raid = "MD RAID member"

    var isEncrypted: Bool { self == .luks || self == .bitLocker }
    /// Whether a reader can look for a Linux in it.
    var isOfLinux: Bool { isExt || self == .xfs }
    var isExt: Bool { self == .ext2 || self == .ext3 || self == .ext4 }
    /// Whether something else lies inside that cannot be told from outside.
    var isOpaque: Bool { isEncrypted || self == .raid }
}
