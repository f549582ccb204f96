import Testing

/// An incremental costs what changed.
@Suite("Increments through a simulated Prism")
struct IncrementTests {
    @Test("3 % of clustered change are read and stored in proportion, maps included")
    func proportion() async throws {
        try await Lab.use(
            "proportion", vms: "  - { name: web, cluster: prod, disks: [{ bus: scsi, index: 0, size: 256MiB }] }"
        ) { lab in
            let proxy = try await lab.proxy()
            let disk = try await lab.state().disk("web", "scsi.0")
            let used = 96 << 20
            try disk.writeRandom(0..<used, seed: 1)
            let full = try await proxy.backUp("web")

            var generator = SeededGenerator(seed: 2)
            var changed = 0
            while changed < used * 3 / 100 {
                let length = 4096 * Int.random(in: 16...46, using: &generator)
                let start = 4096 * Int.random(in: 0...(used - length) / 4096, using: &generator)
                try disk.writeRandom(start..<start + length, seed: generator.next())
                changed += length
            }
            let increment = try await proxy.backUp("web")
            let statistics = try #require(increment.machines.first?.disks.first)
            #expect(statistics.isIncremental)
            let (read, stored) = (Int(statistics.statistics.read), Int(statistics.statistics.stored))
            #expect((changed / 2...changed * 2).contains(read), "\(read) of \(changed) changed bytes read")
            #expect((changed / 2...changed * 2).contains(stored), "\(stored) of \(changed) changed bytes stored")
            #expect(increment.written.metadataBytes * 4 < full.written.metadataBytes * 3)

            let unchanged = try await proxy.backUp("web")
            #expect(unchanged.machines.first?.disks.first?.statistics.read == 0)
            #expect(unchanged.written.dataBytes == 0)
            #expect(unchanged.written.metadataBytes < 16 << 10)

            try await proxy.run("restore", "vm", "latest", "--vm", "web", "--name", "web-again")
            #expect(try await disk.difference(to: lab.state().disk("web-again", "scsi.0")) == nil)
        }
    }

    @Test("an unchanged, sparse disk of 6 TiB is backed up by a few calls and a few kilobytes")
    func sparse() async throws {
        try await Lab.use(
            "sparse", vms: "  - { name: files, cluster: prod, disks: [{ bus: scsi, index: 0, size: 6TiB }] }"
        ) { lab in
            let proxy = try await lab.proxy()
            let disk = try await lab.state().disk("files", "scsi.0")
            for island in 0..<6 { try disk.writeText(island << 40..<island << 40 + 300_000, seed: UInt64(island)) }
            _ = try await proxy.backUp("files")
            let second = try await proxy.backUp("files")
            let statistics = try #require(second.machines.first?.disks.first)
            #expect(statistics.isIncremental && statistics.statistics.read == 0)
            let written = second.written.dataBytes + second.written.metadataBytes + second.written.indexBytes
            #expect(written < 1 << 20)
        }
    }

    @Test("when the reference recovery point is lost the disk is read in full, and the report says why")
    func lostReference() async throws {
        try await Lab.use(
            "lost", vms: "  - { name: web, cluster: prod, disks: [{ bus: scsi, index: 0, size: 16MiB }] }"
        ) { lab in
            let proxy = try await lab.proxy()
            let disk = try await lab.state().disk("web", "scsi.0")
            try disk.writeRandom(0..<8 << 20, seed: 1)
            _ = try await proxy.backUp("web")
            try await lab.fault(#"{ "event": "lose-recovery-points", "name": "web" }"#)
            try disk.writeRandom(1 << 20..<2 << 20, seed: 2)
            let report = try await proxy.backUp("web")
            let result = try #require(report.machines.first?.disks.first)
            #expect(!result.isIncremental)
            #expect(result.fallback?.isEmpty == false)
            #expect(result.statistics.stored < 2 << 20, "what the repository has is not stored again")
            try await proxy.run("restore", "vm", "latest", "--vm", "web", "--name", "web-again")
            #expect(try await disk.difference(to: lab.state().disk("web-again", "scsi.0")) == nil)
            #expect(try await lab.state().recoveryPoints.count == 1)
        }
    }
}
