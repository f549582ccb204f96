import Testing

@testable import Engine
@testable import HostKit

@Suite("What a look at disks found, in words")
struct PreflightTextTests {
    private static let report = PreflightReport(
        findings: [
            PreflightFinding(.problem, .fstab, "/etc/fstab mounts / from /dev/vda1", remedy: "put UUID=1 there"),
            PreflightFinding(.info, .fileSystem, "partition 1 is ext4 `a\u{1B}[2Jb`"),
        ], generation: .two, system: .linux, systemName: "Debian GNU/Linux 12")

    @Test("a run tells what needs something to be done, a plan all of it")
    func lines() {
        #expect(
            PreflightText(Self.report, isWhole: false).lines == [
                "problem (fstab): /etc/fstab mounts / from /dev/vda1", "    remedy: put UUID=1 there",
            ])
        let whole = PreflightText(Self.report, isWhole: true).lines
        #expect(whole.first == "system: Linux, Debian GNU/Linux 12")
        #expect(whole.count == 4)
        #expect(!whole.joined().contains("\u{1B}"))
    }
}
