import Testing

/// What comes back from the cluster is what was there, byte for byte.
@Suite("Round trips through a simulated Prism")
struct RoundTripTests {
    @Test("disks of all awkward sizes and contents come back as they were, the CD-ROM is left out and said")
    func contents() async throws {
        try await Lab.use(
            "contents",
            vms: """
                  - name: odd
                    cluster: prod
                    boot: uefi
                    categories: ["Env:prod"]
                    disks:
                      - { bus: scsi, index: 0, size: 20972032 }
                      - { bus: scsi, index: 1, size: 16MiB }
                      - { bus: sata, index: 0, size: 24MiB }
                      - { bus: pci, index: 0, size: 3TiB, container: fast }
                    cdroms: [{ bus: ide, index: 0, image: install.iso }]
                    nics: [{ subnet: servers }]
                """
        ) { lab in
            let proxy = try await lab.proxy()
            let before = try await lab.state()
            let odd = try before.disk("odd", "scsi.0")
            try odd.writeText(5000..<300_001, seed: 1)
            try odd.writeRandom(20_972_032 - 700..<20_972_032, seed: 2)
            try before.disk("odd", "sata.0").writeRandom(0..<24 << 20, seed: 3)
            let huge = try before.disk("odd", "pci.0")
            try huge.writeText(0..<3 << 20, seed: 4)
            try huge.writeText((3 << 40) - (2 << 20)..<3 << 40, seed: 5)

            let report = try await proxy.backUp("odd")
            let machine = try #require(report.machines.first)
            #expect(machine.disks.count == 4)
            #expect(machine.skipped.contains { $0.contains("ide.0") && $0.contains("CD-ROM") })
            let empty = try #require(machine.disks.first { $0.address == "scsi.1" })
            #expect(empty.statistics.stored == 0)

            let restored: RestoreRecord = try await proxy.run(
                "restore", "vm", "latest", "--vm", "odd", "--name", "odd-again", "--json"
            ).lastLine()
            #expect(restored.outcome.name == "odd-again")
            let after = try await lab.state()
            for address in ["scsi.0", "scsi.1", "sata.0", "pci.0"] {
                let difference = try before.disk("odd", address).difference(to: after.disk("odd-again", address))
                #expect(difference == nil, "\(address)")
            }
            #expect(after.volumeGroups.map(\.name) == [])
            #expect(after.recoveryPoints.count == 1)
        }
    }

    @Test("a VM with eight disks and one with a single disk come back side by side from one run")
    func eightDisks() async throws {
        let disks = (0..<8).map { "      - { bus: scsi, index: \($0), size: \(8 + $0)MiB }" }.joined(separator: "\n")
        try await Lab.use(
            "eight",
            vms: """
                  - name: many
                    cluster: prod
                    disks:
                \(disks)
                  - { name: single, cluster: prod, disks: [{ bus: scsi, index: 0, size: 8MiB }] }
                """
        ) { lab in
            let proxy = try await lab.proxy()
            let before = try await lab.state()
            for index in 0..<8 {
                try before.disk("many", "scsi.\(index)").writeText(index << 20..<(index + 2) << 20, seed: UInt64(index))
            }
            try before.disk("single", "scsi.0").writeRandom(0..<8 << 20, seed: 9)
            let report = try await proxy.backUp("many", "single")
            #expect(report.machines.map(\.name) == ["many", "single"])
            for name in ["many", "single"] {
                try await proxy.run("restore", "vm", "latest", "--vm", name, "--name", "\(name)-again")
            }
            let after = try await lab.state()
            for disk in try before.machine("many").disks {
                let address = try #require(disk.address)
                #expect(try ImageDisk(existing: disk.path).difference(to: after.disk("many-again", address)) == nil)
            }
            #expect(try before.disk("single", "scsi.0").difference(to: after.disk("single-again", "scsi.0")) == nil)
        }
    }

    @Test("a disk that grew, changed and was wiped in part between two backups has both states in its restore points")
    func grown() async throws {
        try await Lab.use(
            "grown",
            vms: "  - { name: db, cluster: prod, disks: [{ bus: scsi, index: 0, size: 24MiB }, "
                + "{ bus: scsi, index: 1, size: 16MiB }] }"
        ) { lab in
            let place = lab.place
            let proxy = try await lab.proxy()
            let state = try await lab.state()
            let (growing, steady) = (try state.disk("db", "scsi.0"), try state.disk("db", "scsi.1"))
            try growing.writeText(0..<20 << 20, seed: 1)
            try steady.writeRandom(0..<12 << 20, seed: 2)
            let first = try #require(try await proxy.backUp("db").machines[0].restorePoint)
            let copies = [
                try growing.copy(to: place.file("growing.raw")), try steady.copy(to: place.file("steady.raw")),
            ]

            try await lab.grow("db", "scsi.0", to: 40 << 20)
            try growing.writeText((39 << 20)..<40 << 20, seed: 3)
            try steady.writeText(70_000..<90_000, seed: 4)
            try steady.writeZeros((4 << 20)..<8 << 20)
            let second = try #require(try await proxy.backUp("db").machines.first)
            #expect(second.disks.map(\.isIncremental) == [false, true])
            #expect(second.disks[0].fallback?.contains("size changed") == true)
            #expect(second.disks[1].statistics.stored < 256 << 10)

            try await proxy.run("restore", "vm", first, "--name", "db-first")
            try await proxy.run("restore", "vm", "latest", "--vm", "db", "--name", "db-second")
            let after = try await lab.state()
            #expect(try copies[0].difference(to: after.disk("db-first", "scsi.0")) == nil)
            #expect(try copies[1].difference(to: after.disk("db-first", "scsi.1")) == nil)
            #expect(try growing.difference(to: after.disk("db-second", "scsi.0")) == nil)
            #expect(try steady.difference(to: after.disk("db-second", "scsi.1")) == nil)
        }
    }

    @Test("one disk comes back at another VM, or as a volume group")
    func singleDisk() async throws {
        try await Lab.use(
            "single",
            vms: """
                  - { name: a, cluster: prod, disks: [{ bus: scsi, index: 0, size: 8MiB }, { bus: scsi, index: 1, size: 9MiB }] }
                  - { name: b, cluster: prod, disks: [{ bus: scsi, index: 0, size: 8MiB }] }
                """
        ) { lab in
            let proxy = try await lab.proxy()
            let before = try await lab.state()
            let disk = try before.disk("a", "scsi.1")
            try disk.writeText(1 << 20..<5 << 20, seed: 1)
            _ = try await proxy.backUp("a")
            try await proxy.run(
                "restore", "disk", "latest", "--vm", "a", "--disk", "scsi.1", "--attach-to", "b", "--at", "scsi.3")
            try await proxy.run(
                "restore", "disk", "latest", "--vm", "a", "--disk", "scsi.1", "--to-volume-group", "rescued")
            let after = try await lab.state()
            #expect(try disk.difference(to: after.disk("b", "scsi.3")) == nil)
            #expect(after.volumeGroups.map(\.name) == ["rescued"])
            let group = try #require(after.volumeGroups.first?.disks.first)
            #expect(try disk.difference(to: ImageDisk(existing: group.path)) == nil)
        }
    }
}
