@testable import Engine

/// A Linux as distributions install it, with what the preflight looks at.
struct SampleSystem {
    var modules = ["hv_vmbus", "hv_storvsc", "hv_netvsc", "ext4"]
    var fstab = "UUID=11111111-2222-3333-4444-555555555555 / ext4 defaults 0 1\n"
    var commandLine = "root=UUID=11111111-2222-3333-4444-555555555555 ro console=ttyS0,115200n8"
    var interfaces = "auto eth0\niface eth0 inet dhcp\n"
    var release = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n"
    var image = "initrd.img-6.1.0-1-amd64"
    var builtin = ""
    var hasLoader = true
    var others: [String: String] = [:]
    /// Made of the archive; nil leaves it as it is.
    var packing: ((GuestFolder, [UInt8]) throws -> [UInt8])?

    static let version = "6.1.0-1-amd64"
    static let uuid = "11111111-2222-3333-4444-555555555555"

    /// The root file system.
    func root(type: String = "ext4", mebibytes: Int = 8, features: String = "") throws -> [UInt8] {
        let folder = GuestFolder()
        let archive = SampleArchive.newc(SampleArchive.modules(modules))
        try folder.file("/boot/" + image, SampleArchive.early + (packing?(folder, archive) ?? archive))
            .file("/boot/vmlinuz-" + Self.version, "MZ")
            .file("/boot/grub/grub.cfg", "menuentry 'x' {\n\tlinux\t/boot/vmlinuz \(commandLine)\n}\n")
            .file("/etc/fstab", "# a comment\n\n" + fstab)
            .file("/usr/lib/os-release", release)
            .link("/etc/os-release", to: "../usr/lib/os-release")
            .link("/lib", to: "usr/lib")
            .file("/usr/lib/modules/\(Self.version)/modules.builtin", builtin)
            .file(
                "/usr/lib/modules/\(Self.version)/modules.dep",
                "kernel/drivers/hv/hv_vmbus.ko:\nkernel/drivers/scsi/hv_storvsc.ko: kernel/drivers/hv/hv_vmbus.ko\n"
            )
            .file("/etc/network/interfaces", interfaces)
            .file("/usr/sbin/waagent").file("/usr/sbin/sshd")
        for (path, text) in others { try folder.file(path, text) }
        return try folder.ext(type, mebibytes: mebibytes, features: features, words: ["-U", Self.uuid])
    }

    func efi() throws -> [UInt8] {
        let folder = GuestFolder()
        if hasLoader { try folder.file("/EFI/BOOT/BOOTX64.EFI", "MZ") }
        try folder.file("/EFI/debian/grubx64.efi", "MZ").file("/EFI/debian/shimx64.efi", "MZ")
        return try folder.fat(bits: 16, kibibytes: 16 << 10)
    }

    func disk() throws -> PiecedDisk {
        PartitionedDisk(parts: [
            .init(type: PartitionedDisk.efi, bytes: try efi()), .init(type: PartitionedDisk.linux, bytes: try root()),
        ]).gpt()
    }
}
