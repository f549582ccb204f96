import Engine
import EngineContracts
import Testing

@testable import Codecs

/// Changed VHDXs: read or refused, never a trap, an endless loop, or memory for what they merely claim.
@Suite("Hostile VHDXs")
struct VHDXFuzzTests {
    @Test("no change traps", arguments: ["dynamic", "fixed", "differencing", "not closed"])
    func hostileBytes(_ variant: String) async {
        await #expect(processExitsWith: .success) { [variant] in
            let sample = try await VHDXHostile.sample(variant)
            var refused = 0
            let before = QCOW2Hostile.memory
            for seed in ImageSamples.fuzzInputs {
                do {
                    try await ImageSamples.tryOut(VHDXHostile.changed(sample, seed).bytes, as: "vhdx")
                } catch let error as EngineError where error.kind != .bug {
                    refused += 1
                }
                try #require(QCOW2Hostile.memory < before + 256 << 20, "\(variant) \(seed)")
            }
            try #require(refused > 0)
        }
    }
}

enum VHDXHostile {
    /// An image of a small disk; a difference to itself, so that its chain has no end; one with a log of three entries.
    static func sample(_ variant: String) async throws -> VHDXBytes {
        switch variant {
        case "differencing":
            let id = ImageID.named("top")
            return try await VHDXChild(
                size: 2 << 20, id: id, parent: VHDXChild.dataWriteID(of: id), paths: ["relative_path": "disk"],
                sectors: [3: 1, 2050: 2]
            ).image()
        case "not closed":
            var image = try await VHDXBytes.written("dynamic", VMDKSamples.disk(1 << 20))
            let table = Array(image.bytes[VHDXBytes.table..<(VHDXBytes.table + 4096)])
            let changes: [[VHDXLogged.Change]] = [
                [.data(VHDXBytes.table, table), .zeros(VHDXBytes.table + 4096, count: 8192)],
                [.zeros(VHDXBytes.table, count: 4096)], [.data(VHDXBytes.table, table)],
            ]
            image.setLog(
                changes.enumerated().map { index, change in
                    (8192 * index, VHDXLogged(sequence: UInt64(index) + 1, tail: 0, changes: change))
                })
            return image
        default: return try await VHDXBytes.written(variant, VMDKSamples.disk(1 << 20))
        }
    }

    /// The same change for the same seed, mostly where structures are; in most cases with checksums that fit.
    static func changed(_ sample: VHDXBytes, _ seed: UInt64) -> VHDXBytes {
        var image = sample
        var dice = SampleBytes.random(300, seed: seed).map { Int($0) }[...]
        func next(_ limit: Int) -> Int {
            let value = dice.prefix(3).reduce(0) { $0 << 8 | $1 }
            dice = dice.dropFirst(3)
            return value % max(1, limit)
        }
        let places: [(start: Int, count: Int)] = [
            (0, 16), (VHDXBytes.headers[0], 80), (VHDXBytes.headers[1], 80), (VHDXBytes.regionTables[0], 90),
            (VHDXBytes.regionTables[1], 90), (VHDXBytes.metadata, 240), (VHDXBytes.metadata + (64 << 10), 48),
            (VHDXBytes.metadata + 70_000, 200), (VHDXBytes.table, 32), (VHDXBytes.table + 8 * VHDXChild.ratio, 8),
            (VHDXBytes.log, 160), (VHDXBytes.log + 8192, 128), (VHDXBytes.log + 16_384, 128),
        ]
        for _ in 0...next(4) {
            let (start, count) = next(8) == 0 ? (next(image.bytes.count), 8) : places[next(places.count)]
            let offset = start + (next(2) == 0 ? next(count) : next(count) / 8 * 8)
            guard offset + 8 <= image.bytes.count else { continue }
            switch next(7) {
            case 0: image.bytes[offset] ^= 1 << UInt8(next(8))
            case 1: image.set(UInt64(1) << UInt64(next(64)), at: offset)
            case 2: image.set([0, UInt32.max, 1, 0x7FFF_FFFF][next(4)], at: offset)
            case 3: image.set(UInt64(next(16)) << 20 | UInt64(next(8)), at: offset)
            case 4: image.set(UInt64(image.bytes.count + next(3) * 4096 - 4096), at: offset)
            case 5: image.set(UInt32(next(64)), at: offset)
            default: image.bytes.removeLast(next(2) == 0 ? next(5000) : next(image.bytes.count / 2))
            }
        }
        if next(5) > 0 { seal(&image) }
        return image
    }

    /// Makes all checksums fit, those of the log's entries too.
    private static func seal(_ image: inout VHDXBytes) {
        if image.bytes.count >= VHDXBytes.regionTables[1] + (64 << 10) { image.seal() }
        for place in [0, 8192, 16_384] {
            let start = VHDXBytes.log + place
            guard start + 64 <= image.bytes.count else { return }
            let count = Int(image.little(start + 8, as: UInt32.self))
            guard image.bytes[start] == UInt8(ascii: "l"), (64...65_536).contains(count),
                start + count <= image.bytes.count
            else { continue }
            image.set(CRC32C.of(Array(image.bytes[start..<(start + count)]), fieldAt: 4), at: start + 4)
        }
    }
}
