import Foundation
import Testing

/// What an administrator gets wrong is said so that he can put it right; nothing is tried with it twice.
@Suite("Access")
struct AccessTests {
    static let machine = "  - { name: web, cluster: prod, disks: [{ bus: scsi, index: 0, size: 8MiB }] }"

    @Test("a wrong password is named, and is in no message")
    func password() async throws {
        try await Lab.use("password", vms: Self.machine) { lab in
            var proxy = try await lab.proxy()
            proxy.environment["PRISM_PASSWORD"] = "not-the-password"
            let finished = try await proxy.run("backup", "vm", "web", expecting: 1)
            #expect(finished.errors.contains("user name and password"))
            #expect(!(finished.errors + finished.output).contains("not-the-password"))
        }
    }

    @Test("a server that shows another certificate than the pinned one gets no password")
    func fingerprint() async throws {
        try await Lab.use("fingerprint", vms: Self.machine) { lab in
            _ = try await lab.proxy()
            let wrong = String(repeating: "00", count: 32)
            var proxy = try Proxy(lab.place, sources: lab.source(fingerprint: wrong))
            proxy.environment["PRISM_PASSWORD"] = Lab.password
            let before = try await lab.calls()
            let finished = try await proxy.run("backup", "vm", "web", expecting: 1)
            #expect(finished.errors.contains("fingerprint") && finished.errors.contains("sha256:"))
            #expect(try await lab.calls()["listVMs"] == before["listVMs"])
        }
    }

    @Test("a full target fails the backup with a word about space, and leaves the repository and the cluster clean")
    func fullTarget() async throws {
        try await Lab.use("full", vms: Self.machine.replacing("8MiB", with: "64MiB")) { lab in
            let proxy = try await lab.proxy()
            let disk = try await lab.state().disk("web", "scsi.0")
            try disk.writeRandom(0..<4 << 20, seed: 1)
            _ = try await proxy.backUp("web")
            let first = try disk.copy(to: lab.place.file("first.raw"))
            try disk.writeRandom(0..<60 << 20, seed: 2)
            let limited = try await Program(path: "/bin/sh").run(
                ["-c", "ulimit -f 16384; exec \"$0\" backup vm web", Program.ahvault.path], in: proxy.place.path,
                environment: proxy.environment)
            #expect(limited.status == 1, "\(limited)")
            #expect(
                (limited.errors + limited.output).contains("space") || limited.errors.contains("large"), "\(limited)")
            #expect(try await proxy.points().count == 1)
            #expect(try await proxy.check().damages.isEmpty)
            #expect(try await lab.state().volumeGroups.map(\.name) == [])
            _ = try await proxy.backUp("web")
            let points = try await proxy.points()
            try await proxy.run("restore", "vm", points[0].id, "--name", "first")
            try await proxy.run("restore", "vm", points[1].id, "--name", "second")
            let state = try await lab.state()
            #expect(try first.difference(to: state.disk("first", "scsi.0")) == nil)
            #expect(try disk.difference(to: state.disk("second", "scsi.0")) == nil)
        }
    }

    @Test("an interrupted run ends with 130, without a restore point and without anything of ours on the cluster")
    func interrupted() async throws {
        try await Lab.use("interrupted", vms: Self.machine.replacing("8MiB", with: "64MiB")) { lab in
            let proxy = try await lab.proxy()
            try await lab.state().disk("web", "scsi.0").writeRandom(0..<60 << 20, seed: 1)
            try await lab.fault(#"{ "event": "slow-iscsi", "seconds": 0.5 }"#)
            let running = try proxy.start("backup", "vm", "web", "--json")
            while running.isRunning, !running.printed.contains("diskStarted") {
                try await Task.sleep(for: .milliseconds(20))
            }
            running.interrupt()
            let finished = try await running.finished(within: .seconds(60))
            #expect(finished.status == 130, "\(finished)")
            #expect(try await proxy.points().isEmpty)
            let state = try await lab.state()
            #expect(state.volumeGroups.map(\.name) == [] && state.recoveryPoints.isEmpty)
        }
    }
}
