import Codecs
import Engine
import EngineContracts
import Glibc
import Testing

/// Changed packages: read or refused, never a trap. `AHVAULT_FUZZ` is the number of inputs.
@Suite("Hostile OVA")
struct OVAFuzzTests {
    @Test("no change traps")
    func hostileBytes() async {
        await #expect(processExitsWith: .success) {
            let disk = QCOW2SampleDisk(size: 8192, islands: [(0, SampleBytes.text(8192, seed: 1))])
            var machine = OVFMachine(name: "a", processors: 1, memory: 1 << 30)
            machine.disks = [OVFMachine.Disk(capacity: 8192, controller: nil, unit: 0)]
            let memory = MemoryImages()
            let destination = memory.destination("a.ova")
            _ = try await OVAWriter(
                machine, disks: [disk], as: OVATests.format("raw"), time: OVATests.time
            ).write(to: destination) { _ in }
            try await destination.commit()
            let sample = try #require(memory["a.ova"])
            let count = getenv("AHVAULT_FUZZ").flatMap { Int(String(cString: $0)) } ?? 1000
            var refused = 0
            for seed in 0..<count {
                memory["b.ova"] = Self.changed(sample, UInt64(seed))
                do {
                    let package = try await OVAPackage.open(memory.storage("b.ova"))
                    for disk in package.description.machine.disks { _ = try await package.file(of: disk) }
                    try await package.verify()
                } catch is EngineError {
                    refused += 1
                }
            }
            try #require(refused > count / 2)
        }
    }

    private static func changed(_ sample: [UInt8], _ seed: UInt64) -> [UInt8] {
        var bytes = sample
        let random = SampleBytes.random(64, seed: seed &+ 1).map { Int($0) }
        for round in 0...(random[0] % 3) {
            let place = (random[round * 6 + 1] << 16 | random[round * 6 + 2] << 8 | random[round * 6 + 3]) % bytes.count
            let near = random[round * 6 + 4] % 2 == 0 ? place : place / 512 * 512 + random[round * 6 + 5] * 2
            guard near < bytes.count else { continue }
            switch random[round * 6 + 6] % 4 {
            case 0: bytes[near] ^= 1 << UInt8(random[round + 40] % 8)
            case 1: bytes[near] = [0, 0x20, 0x30, 0x80, 0xFF][random[round + 40] % 5]
            case 2: bytes.removeLast(min(bytes.count - 1, random[round + 40] * 16))
            default: bytes.removeSubrange(near..<min(bytes.count, near + random[round + 40]))
            }
        }
        // Sums that fit again, so that what they protect is reached.
        for start in stride(from: 0, to: bytes.count - 511, by: 512)
        where seed % 2 == 0 && bytes[start + 257] == UInt8(ascii: "u") {
            let sum = (start..<(start + 512)).reduce(0) {
                $0 + ((148..<156).contains($1 - start) ? 32 : Int(bytes[$1]))
            }
            let text = String(sum, radix: 8)
            let digits = Array((String(repeating: "0", count: 6 - text.count) + text + "\0 ").utf8)
            bytes.replaceSubrange((start + 148)..<(start + 156), with: digits)
        }
        return bytes
    }
}
