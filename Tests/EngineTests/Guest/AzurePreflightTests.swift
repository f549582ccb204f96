import Codecs
import Testing

@testable import Engine

/// What is told of whole disks, made by the tools of guests.
@Suite("Preflight for Azure", .enabled(if: Tool.has("mke2fs", "mkfs.vfat", "mcopy", "gzip")))
struct AzurePreflightTests {
    @Test("nothing stands against a VM that is ready")
    func ready() async throws {
        let report = try await Self.inspect(try SampleSystem().disk())
        #expect(report.findings.filter { $0.severity != .info } == [])
        #expect(report.generation == .two)
        #expect(report.system == .linux)
        #expect(report.systemName == "Debian GNU/Linux 12 (bookworm)")
        #expect(!report.hasProblems)
    }

    @Test("an initramfs without drivers is a problem, and the command is told for each family")
    func drivers() async throws {
        var system = SampleSystem()
        system.modules = ["virtio_blk", "hv_vmbus"]
        let debian = try #require(try await Self.inspect(try system.disk()).finding(.drivers))
        #expect(debian.severity == .problem)
        #expect(debian.what.contains("/boot/initrd.img-6.1.0-1-amd64 is without hv_netvsc, hv_storvsc"))
        #expect(debian.remedy?.contains("update-initramfs -u -k 6.1.0-1-amd64") == true)
        system.release = "PRETTY_NAME=\"Rocky Linux 9\"\nID=rocky\nID_LIKE=\"rhel centos fedora\"\n"
        system.image = "initramfs-6.1.0-1-amd64.img"
        system.packing = { try $0.packed($1, by: "gzip", ["-c"]) }
        let rocky = try #require(try await Self.inspect(try system.disk()).finding(.drivers))
        #expect(
            rocky.remedy?.contains(
                "dracut -f --add-drivers \"hv_vmbus hv_storvsc hv_netvsc\" /boot/initramfs-6.1.0-1-amd64.img 6.1.0-1-amd64"
            )
                == true)
    }

    @Test("drivers that are built into the kernel need not be in the initramfs")
    func builtin() async throws {
        var system = SampleSystem()
        system.modules = ["ext4"]
        system.builtin =
            "kernel/drivers/hv/hv_vmbus.ko\nkernel/drivers/scsi/hv_storvsc.ko\nkernel/drivers/net/hyperv/hv-netvsc.ko\n"
        #expect(try await Self.inspect(try system.disk()).finding(.drivers) == nil)
    }

    @Test("a card's driver that is not in the initramfs is no problem")
    func networkDriver() async throws {
        var system = SampleSystem()
        system.modules = ["hv_vmbus", "hv_storvsc"]
        #expect(try await Self.inspect(try system.disk()).finding(.drivers)?.severity == .info)
    }

    @Test("devices by their old names are told, with the UUID to put there")
    func fstab() async throws {
        var system = SampleSystem()
        system.fstab = """
            /dev/vda2 / ext4 defaults 0 1
            /dev/sdb1 /data xfs defaults 0 0
            /dev/disk/by-path/pci-0000:00:05.0-part1 /more ext4 nofail 0 0
            UUID=99999999-2222-3333-4444-555555555555 /gone ext4 defaults 0 0
            LABEL=x /label ext4 defaults 0 0
            /dev/mapper/vg-lv /lv ext4 defaults 0 0
            /swapfile none swap sw 0 0
            """
        system.commandLine = "root=/dev/vda2 quiet"
        let report = try await Self.inspect(try system.disk())
        let fstab = report.findings.filter { $0.subject == .fstab }
        #expect(fstab.map(\.severity) == [.problem, .warning, .warning, .warning])
        #expect(fstab[0].remedy == "in /etc/fstab put `UUID=\(SampleSystem.uuid)` in place of `/dev/vda2`")
        #expect(fstab.contains { $0.what.contains("UUID=99999999") })
        let lines = report.findings.filter { $0.subject == .commandLine }
        #expect(lines.map(\.severity) == [.problem, .warning])
        #expect(lines[1].what.contains("console=ttyS0"))
        #expect(report.finding(.swap)?.severity == .info)
    }

    @Test("networks that are bound to the old card are told")
    func network() async throws {
        var system = SampleSystem()
        system.interfaces = "auto ens3\niface ens3 inet static\n  address 10.0.0.5/24\n"
        system.others = [
            "/etc/udev/rules.d/70-persistent-net.rules":
                "# old\nSUBSYSTEM==\"net\", ATTR{address}==\"50:6b:8d:01:02:03\", NAME=\"eth0\"\n",
            "/etc/sysconfig/network-scripts/ifcfg-ens192": "HWADDR=50:6B:8D:01:02:03\nBOOTPROTO=dhcp\n",
            "/etc/netplan/01.yaml":
                "network:\n  ethernets:\n    eth0:\n      match:\n        macaddress: 50:6b:8d:01:02:03\n      dhcp4: true\n",
            "/etc/NetworkManager/system-connections/a.nmconnection": "[ethernet]\nmac-address=50:6B:8D:01:02:03\n",
            "/etc/systemd/network/10.link": "[Match]\nMACAddress=50:6b:8d:01:02:03\n",
        ]
        let network = try await Self.inspect(try system.disk()).findings.filter { $0.subject == .network }
        #expect(network.count { $0.severity == .problem } == 5)
        #expect(network.contains { $0.what.contains("ens3, which is eth0") })
        #expect(network.contains { $0.what.contains("fixed address") })
    }

    @Test("UEFI without a loader under the name that needs no boot entry is a problem, and the copy to make is told")
    func loader() async throws {
        var system = SampleSystem()
        system.hasLoader = false
        let finding = try #require(try await Self.inspect(try system.disk()).finding(.bootLoader))
        #expect(finding.severity == .problem)
        #expect(finding.remedy?.contains("cp /boot/efi/EFI/debian/shimx64.efi /boot/efi/EFI/BOOT/BOOTX64.EFI") == true)
    }

    @Test("a disk for BIOS and a VM of UEFI contradict each other")
    func contradiction() async throws {
        let disk = PartitionedDisk(
            parts: [.init(type: "83", bytes: try SampleSystem().root())], hasBootCode: true
        ).mbr()
        let report = try await Self.inspect(disk, firmware: .uefi)
        #expect(report.generation == .one)
        #expect(report.findings.contains { $0.subject == .partitions && $0.severity == .problem })
        #expect(report.findings.contains { $0.what.contains("started by UEFI") && $0.remedy == "--generation 1" })
        #expect(try await Self.inspect(disk, firmware: .bios).hasProblems == false)
    }

    @Test("GPT with generation 1 is told", arguments: [true, false])
    func gptWithBIOS(hasBIOSBoot: Bool) async throws {
        let boot = PartitionedDisk.Part(
            type: hasBIOSBoot ? PartitionedDisk.biosBoot : PartitionedDisk.lvm,
            bytes: [UInt8](repeating: 0, count: 4096))
        let disk = PartitionedDisk(
            parts: [boot, .init(type: PartitionedDisk.linux, bytes: try SampleSystem().root())], hasBootCode: true)
        let finding = try #require(try await Self.inspect(disk.gpt(), firmware: .bios).finding(.partitions))
        #expect(finding.severity == (hasBIOSBoot ? .warning : .problem))
    }

    @Test("a root on a volume of LVM is looked into, with /boot beside it")
    func lvm() async throws {
        var system = SampleSystem()
        system.modules = []
        let root = try system.root(mebibytes: 12)
        let boot = GuestFolder()
        let archive = SampleArchive.newc(SampleArchive.modules(["hv_vmbus"]))
        try boot.file("/initrd.img-7", archive).file("/vmlinuz-7", "MZ")
        let physical = SampleLVM.volume(
            extents: 12, text: SampleLVM.text(first: 5, second: 7),
            data: [(7, Array(root[..<(5 << 20)])), (0, Array(root[(5 << 20)...]))])
        let disk = PartitionedDisk(
            parts: [
                .init(type: PartitionedDisk.efi, bytes: try SampleSystem().efi()),
                .init(type: PartitionedDisk.linux, bytes: try boot.ext(mebibytes: 8)),
                .init(type: PartitionedDisk.lvm, bytes: physical),
            ])
        let report = try await Self.inspect(disk.gpt())
        #expect(report.systemName == "Debian GNU/Linux 12 (bookworm)")
        // The kernel of the root counts: `/boot` of the root is not empty here.
        #expect(report.finding(.drivers)?.what.contains("6.1.0-1-amd64") == true)
    }

    @Test("what is encrypted or cannot be read is told, with what to look at by hand")
    func unread() async throws {
        var luks = ImageFields(count: 1 << 20)
        luks.set(Array("LUKS".utf8) + [0xBA, 0xBE, 0, 2], at: 0)
        let disk = PartitionedDisk(
            parts: [
                .init(type: PartitionedDisk.efi, bytes: try SampleSystem().efi()),
                .init(type: PartitionedDisk.linux, bytes: luks.bytes),
            ])
        let report = try await Self.inspect(disk.gpt())
        #expect(report.finding(.encryption)?.severity == .warning)
        #expect(report.system == .linux)
        #expect(report.finding(.notLookedAt)?.what.contains("LUKS") == true)
        #expect(report.finding(.notLookedAt)?.remedy?.contains("lsinitrd") == true)
    }

    @Test("sizes that Azure does not take are told")
    func sizes() async throws {
        let system = PiecedDisk(size: 3 << 40)
        let report = try await Self.inspect(
            [system, PiecedDisk(size: 33 << 40), PiecedDisk(size: 1 << 20), PiecedDisk(size: (21 << 20) + 512)],
            firmware: .bios)
        let sizes = report.findings.filter { $0.subject == .size }
        #expect(sizes.map(\.severity) == [.problem, .problem, .info, .info])
        let large = try await Self.inspect([PiecedDisk(size: 5 << 40)], firmware: .uefi)
        #expect(large.finding(.size)?.what.contains("at most 4 TiB") == true)
    }

    @Test("a blank disk and none at all are no reason to stop")
    func blank() async throws {
        #expect(try await Self.inspect([PiecedDisk(size: 0)], firmware: nil).system == nil)
        #expect(try await Self.inspect([], firmware: nil).findings == [])
        #expect(try await Self.inspect([PiecedDisk(size: 1 << 30)], firmware: nil).findings.isEmpty == false)
    }

    @Test("a disk that cannot be read is told of")
    func broken() async throws {
        let disk = PatternDisk(size: 1 << 30, islands: [ByteRange(0, 1 << 20)])
        disk.breakReads(from: 0)
        let report = try await Self.inspect([disk], firmware: .uefi)
        #expect(report.finding(.notLookedAt)?.what.contains("the disk is broken") == true)
    }

    static func inspect(
        _ disk: any BlockReader, firmware: OVFMachine.Firmware = .uefi
    ) async throws -> PreflightReport {
        try await inspect([disk], firmware: firmware)
    }

    static func inspect(
        _ disks: [any BlockReader], firmware: OVFMachine.Firmware?
    ) async throws -> PreflightReport {
        let preflight = AzurePreflight(AzurePreflight.Machine(firmware: firmware), unpacking: StreamUnpackers.all)
        return try await preflight.inspect(
            disks.enumerated().map { InspectedDisk($1, name: "scsi.\($0)") })
    }
}

extension PreflightReport {
    /// The first about this.
    fileprivate func finding(_ subject: PreflightFinding.Subject) -> PreflightFinding? {
        findings.first { $0.subject == subject }
    }
}
