import Testing

/// The stage must see differences, or every other test here proves nothing.
@Suite("Stage")
struct StageTests {
    @Test("a flipped bit, a lost island and a wrong size are seen")
    func differences() throws {
        let place = try Workplace("stage")
        let disk = try ImageDisk(place.file("a.raw"), size: 1 << 40)
        try disk.writeRandom(0..<300_000, seed: 1)
        try disk.writeText((1 << 39)..<(1 << 39) + 5000, seed: 2)
        let copy = try disk.copy(to: place.file("b.raw"))
        #expect(try disk.difference(to: copy) == nil)
        try copy.flipBit(at: 299_999)
        #expect(try disk.difference(to: copy) != nil)
        try copy.flipBit(at: 299_999)
        #expect(try copy.difference(to: disk) == nil)
        try copy.writeZeros((1 << 39)..<(1 << 39) + 8192)
        #expect(try disk.difference(to: copy) != nil)
        #expect(try disk.difference(to: ImageDisk(place.file("c.raw"), size: 1 << 20)) != nil)
    }

    @Test("programs are found, run and stopped at their limit")
    func programs() async throws {
        let place = try Workplace("programs")
        let help = try await Program.ahvault.run(["--help"], in: place.path)
        #expect(help.status == 0 && help.output.contains("backup"))
        await #expect(throws: StageError.self) {
            try await Program(path: "/bin/sleep").run(["60"], in: place.path, limit: .milliseconds(200))
        }
    }
}
