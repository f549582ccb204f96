import Testing

/// Damage is found, named, and never comes back as good data.
@Suite("Damage")
struct DamageTests {
    @Test("a flipped bit in any object is found by a check, named with what it hits, and never restored as good")
    func flippedBits() async throws {
        try await Lab.use(
            "damage", vms: "  - { name: web, cluster: prod, disks: [{ bus: scsi, index: 0, size: 16MiB }] }"
        ) { lab in
            let place = lab.place
            let proxy = try await lab.proxy()
            let disk = try await lab.state().disk("web", "scsi.0")
            try disk.writeText(0..<6 << 20, seed: 1)
            _ = try await proxy.backUp("web")
            try disk.writeText(1 << 20..<2 << 20, seed: 2)
            _ = try await proxy.backUp("web")
            let points = try await proxy.points().map(\.id)
            #expect(try await proxy.check().damages.isEmpty)

            let objects = place.files(below: "repository")
            #expect(objects.count >= 9)
            var generator = SeededGenerator(seed: 3)
            for (number, path) in objects.enumerated() {
                let object = ImageDisk(existing: place.file(path))
                for _ in 0..<3 {
                    let offset = Int.random(in: 0..<(try object.size), using: &generator)
                    try object.flipBit(at: offset)
                    try await expectFound(path, offset, proxy, among: points)
                    if number % 3 == 0 {
                        try await expectNoBadRestore(disk, proxy, lab, name: "again-\(number)-\(offset)")
                    }
                    try object.flipBit(at: offset)
                }
            }
            #expect(try await proxy.check().damages.isEmpty)
        }
    }

    /// The configuration's damage stops the check itself; everything else is listed by it.
    private func expectFound(_ path: String, _ offset: Int, _ proxy: Proxy, among points: [String]) async throws {
        let key = path.split(separator: "/").dropFirst().joined(separator: "/")
        guard key != "config" else {
            let refused = try await proxy.run("repository", "check", "--read-data", "--json", expecting: 1)
            #expect(refused.errors.contains("config"))
            return
        }
        let report = try await proxy.check(expecting: 1)
        let named = report.damages.filter { $0.object == key }
        #expect(!named.isEmpty, "byte \(offset) of \(key): \(report.damages)")
        let hits = report.damages.flatMap(\.hits)
        #expect(hits.allSatisfy { points.contains($0.point) })
        if key.hasPrefix("manifests/") {
            #expect(hits.contains { key.hasSuffix($0.point) }, "\(key): \(report.damages)")
        }
    }

    /// A restore either fails or brings back what was there.
    private func expectNoBadRestore(_ disk: ImageDisk, _ proxy: Proxy, _ lab: Lab, name: String) async throws {
        let finished = try await Program.ahvault.run(
            ["restore", "vm", "latest", "--vm", "web", "--name", name], in: proxy.place.path,
            environment: proxy.environment)
        let state = try await lab.state()
        #expect(state.volumeGroups.map(\.name) == [])
        if finished.status == 0 {
            #expect(try disk.difference(to: state.disk(name, "scsi.0")) == nil)
        } else {
            #expect(finished.status == 1, "\(finished)")
            #expect(!state.vms.contains { $0.name == name }, "\(finished)")
        }
    }
}
