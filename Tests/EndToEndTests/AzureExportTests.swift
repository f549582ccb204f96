import Foundation
import Testing

/// VMs go to a simulated Azure by the program that goes to the real one.
@Suite("Exports to Azure", .serialized)
struct AzureExportTests {
    private struct Report: Decodable {
        struct Disk: Decodable {
            let disk: String
            let name: String
            let size: UInt64
            let sent: UInt64
            let used: UInt64
            let resumed: UInt64
        }

        let machine: String?
        let isRunning: Bool
        let disks: [Disk]
        let run: String
    }

    private struct Journal: Decodable {
        struct Entry: Decodable {
            let id: String
        }

        let run: String
        let entries: [Entry]
    }

    private static let usual = ["--to", "cloud", "--os", "linux", "--generation", "1", "--power-off"]

    /// A proxy over one VM with the disks of these files, backed up.
    private func proxy(_ place: Workplace, _ azure: AzureStage, disks: [String]) async throws -> Proxy {
        let paths = disks.map { "{ path: \(place.file($0)) }" }.joined(separator: ", ")
        var proxy = try Proxy(
            place,
            sources: """
                  images: { type: image-files, changes: none, restore: \(place.file("restored")),
                            machines: [{ name: web, disks: [\(paths)] }] }
                """, more: azure.configuration)
        proxy.environment["AZURE_SECRET"] = AzureStage.secret
        try await proxy.run("repository", "init")
        _ = try await proxy.backUp("web")
        return proxy
    }

    private func run(
        _ proxy: Proxy, _ words: [String], expecting status: Int32 = 0, debug: Bool = false
    ) async throws -> Finished {
        var environment = proxy.environment
        if debug { environment["AHVAULT_LOG"] = "trace" }
        let finished = try await Program.ahvault.run(
            ["export", "azure", "latest", "--vm", "web"] + words, in: proxy.place.path, environment: environment,
            limit: .seconds(300))
        try #require(finished.status == status, "\(finished)")
        return finished
    }

    @Test("what lands in managed disks is the VHD that an export to a file makes, and only used bytes are sent")
    func identical() async throws {
        let place = try Workplace("azure")
        let azure = try await AzureStage.start(in: place)
        let system = try ImageDisk(place.file("system.raw"), size: (70 << 20) + 512 * 5)
        try system.writeRandom(1 << 20..<9 << 20, seed: 1)
        try system.writeRandom((70 << 20)..<(70 << 20) + 512 * 5, seed: 2)
        let data = try ImageDisk(place.file("data.raw"), size: 3 << 30)
        for island in 0..<12 {
            try data.writeRandom(island * (251 << 20)..<island * (251 << 20) + (700 << 10), seed: 3)
        }
        let small = try ImageDisk(place.file("small.raw"), size: 1 << 20)
        try small.writeRandom(4096..<9000, seed: 4)
        let proxy = try await proxy(place, azure, disks: ["system.raw", "data.raw", "small.raw"])
        let report: Report = try await run(proxy, Self.usual + ["--verify", "full", "--json"]).lastLine()
        #expect(report.disks.count == 3)
        #expect(!report.isRunning)
        #expect(report.machine?.hasSuffix("/virtualMachines/web") == true)
        for (disk, source) in zip(report.disks, [system, data, small]) {
            #expect(disk.sent <= disk.used + disk.used / 50 + 4096, "\(disk)")
            try await azure.download(disk: disk.name, to: "landed.vhd")
            try await proxy.run(
                "export", "disk", "latest", "--vm", "web", "--disk", disk.disk, "--format", "vhd", "--variant", "azure",
                "--output", "file.vhd", "--replace")
            let landed = ImageDisk(existing: place.file("landed.vhd"))
            #expect(try landed.difference(to: ImageDisk(existing: place.file("file.vhd"))) == nil)
            try await proxy.run(
                "image", "convert", "landed.vhd", "landed.raw", "--input-format", "vhd", "--replace")
            let raw = ImageDisk(existing: place.file("landed.raw"))
            try raw.cut(to: source.size)
            #expect(try raw.difference(to: source) == nil)
        }
        let resources = try await azure.resources()
        #expect(resources.allSatisfy { $0.tags?["ahvault-run"] == report.run || $0.id.contains("/subnets/") })
    }

    @Test(
        "Microsoft's clients read back the VHD that an export to a file makes, also of vast and odd disks",
        .enabled(if: AzureReaders.isWanted, Comment(rawValue: AzureReaders.absence)))
    func readBack() async throws {
        let place = try Workplace("azure-readers")
        let azure = try await AzureStage.start(in: place)
        let sizes = [20 << 20, 1 << 30, (5 << 30) + 12_345 * 512, 127 << 30]
        for (number, size) in sizes.enumerated() {
            let disk = try ImageDisk(place.file("\(number).raw"), size: size)
            for island in 0..<5 {
                let start = size / 5 * island / 4096 * 4096
                try disk.writeRandom(start..<start + (900 << 10) + island, seed: UInt64(number))
            }
            try disk.writeRandom(size - 512..<size, seed: 9)
        }
        let proxy = try await proxy(place, azure, disks: sizes.indices.map { "\($0).raw" })
        let report: Report = try await run(proxy, Self.usual + ["--json"]).lastLine()
        #expect(report.disks.count == sizes.count)
        for (disk, size) in zip(report.disks, sizes) {
            #expect(disk.sent <= disk.used + disk.used / 50 + 4096, "\(disk)")
            try await proxy.run(
                "export", "disk", "latest", "--vm", "web", "--disk", disk.disk, "--format", "vhd", "--variant", "azure",
                "--no-checksum", "--output", "file.vhd", "--replace")
            let address = try await azure.address(ofDisk: disk.name)
            #expect(try await AzureReaders.complaint(.sdk, address, "file.vhd", in: place) == nil)
            // It writes every byte of the file, zeros too.
            guard size <= 1 << 30 else { continue }
            #expect(try await AzureReaders.complaint(.azcopy, address, "file.vhd", in: place) == nil)
        }
    }

    @Test("--dry-run tells every name and makes nothing")
    func dryRun() async throws {
        let place = try Workplace("azure-plan")
        let azure = try await AzureStage.start(in: place)
        let disk = try ImageDisk(place.file("disk.raw"), size: 64 << 20)
        try disk.writeRandom(1 << 20..<3 << 20, seed: 1)
        let proxy = try await proxy(place, azure, disks: ["disk.raw"])
        let finished = try await run(proxy, Self.usual + ["--dry-run", "--name", "web-2", "--tag", "owner=me"])
        for name in ["web-2", "web-2-os", "net", "inner", AzureStage.group, "/virtualMachines/web-2"] {
            #expect(finished.output.contains(name), "\(name): \(finished)")
        }
        #expect(finished.output.contains("has no partition table"), "\(finished)")
        #expect(try await azure.resources().isEmpty)
        #expect(place.files(below: "cache/azure").filter { $0.hasSuffix(".json") } == [])
    }

    @Test(
        "killed at ten moments and gone on with, an export ends with the same bytes and leaves nothing without a name")
    func killed() async throws {
        let place = try Workplace("azure-kill")
        let azure = try await AzureStage.start(in: place)
        let disk = try ImageDisk(place.file("disk.raw"), size: 2 << 30)
        for island in 0..<60 { try disk.writeRandom(island * (33 << 20)..<island * (33 << 20) + (6 << 20), seed: 1) }
        let proxy = try await proxy(place, azure, disks: ["disk.raw"])
        var generator = SeededGenerator(seed: 11)
        for round in 0..<10 {
            let running = try Program.ahvault.start(
                ["export", "azure", "latest", "--vm", "web"] + Self.usual + (round == 0 ? [] : ["--resume"]),
                in: place.path, environment: proxy.environment)
            try await Task.sleep(for: .milliseconds(Int.random(in: 50..<1500, using: &generator)))
            running.killNow()
            let finished = try await running.finished(within: .seconds(20))
            // One that was quicker than its end is whole.
            if finished.status == 0 { break }
            try #require(finished.status == 128 + 9, "\(finished)")
            let named = try journal(place).map { Set($0.entries.map { $0.id.lowercased() }) } ?? []
            let left = try await azure.resources().map { $0.id.lowercased() }.filter { !$0.contains("/subnets/") }
            #expect(Set(left).subtracting(named) == [], "round \(round)")
        }
        let isEmpty = try await azure.resources().isEmpty
        if try journal(place) != nil || isEmpty {
            let report: Report = try await run(proxy, Self.usual + ["--resume", "--verify", "full", "--json"])
                .lastLine()
            #expect(report.machine != nil)
        }
        try await azure.download(disk: "web-os", to: "landed.vhd")
        try await proxy.run(
            "export", "disk", "latest", "--vm", "web", "--format", "vhd", "--variant", "azure", "--output", "file.vhd")
        let landed = ImageDisk(existing: place.file("landed.vhd"))
        #expect(try landed.difference(to: ImageDisk(existing: place.file("file.vhd"))) == nil)
        #expect(try journal(place) == nil)
        let machines = try await azure.resources().filter { $0.id.contains("/virtualMachines/") }
        #expect(machines.map(\.name) == ["web"])
    }

    @Test("--discard removes what a killed export has left")
    func discarded() async throws {
        let place = try Workplace("azure-discard")
        let azure = try await AzureStage.start(in: place)
        let disk = try ImageDisk(place.file("disk.raw"), size: 1 << 30)
        try disk.writeRandom(0..<400 << 20, seed: 1)
        let proxy = try await proxy(place, azure, disks: ["disk.raw"])
        let running = try Program.ahvault.start(
            ["export", "azure", "latest", "--vm", "web"] + Self.usual, in: place.path, environment: proxy.environment)
        for _ in 0..<3000 {
            if try await !azure.resources().isEmpty || !running.isRunning { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        running.killNow()
        _ = try await running.finished(within: .seconds(20))
        try #require(try await !azure.resources().isEmpty)
        _ = try await run(proxy, ["--to", "cloud", "--discard"])
        #expect(try await azure.resources().isEmpty)
        #expect(try journal(place) == nil)
    }

    @Test("no secret, token or signature is printed, logged or kept")
    func secrets() async throws {
        let place = try Workplace("azure-secrets")
        let azure = try await AzureStage.start(in: place)
        let disk = try ImageDisk(place.file("disk.raw"), size: 64 << 20)
        try disk.writeRandom(1 << 20..<30 << 20, seed: 1)
        let proxy = try await proxy(place, azure, disks: ["disk.raw"])
        let failed = try await run(
            proxy, Self.usual + ["--keep-partial", "--size", "Standard_None"], expecting: 1, debug: true)
        let done = try await run(proxy, Self.usual, debug: true)
        var texts = [failed.output, failed.errors, done.output, done.errors]
        for file in place.files(below: "cache/azure") {
            texts.append(try String(contentsOfFile: place.file(file), encoding: .utf8))
        }
        for text in texts {
            for word in [AzureStage.secret, "sig=", "Bearer ", "client_secret"] {
                #expect(!text.contains(word), "\(word)")
            }
        }
    }

    /// Of the only export of this place; nil when there is none.
    private func journal(_ place: Workplace) throws -> Journal? {
        guard let file = place.files(below: "cache/azure").first(where: { $0.hasSuffix(".json") }) else { return nil }
        return try JSONDecoder().decode(Journal.self, from: Data(contentsOf: URL(filePath: place.file(file))))
    }
}
