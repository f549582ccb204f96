import Engine
import EngineContracts
import Testing

@testable import Codecs

/// Changed VHDs: read or refused, never a trap, an endless loop, or memory for what they merely claim.
@Suite("Hostile VHDs")
struct VHDFuzzTests {
    @Test("no change traps", arguments: ["dynamic", "fixed", "differencing"])
    func hostileBytes(_ variant: String) async {
        await #expect(processExitsWith: .success) { [variant] in
            let sample = try await VHDHostile.sample(variant)
            var refused = 0
            let before = QCOW2Hostile.memory
            for seed in ImageSamples.fuzzInputs {
                do {
                    try await ImageSamples.tryOut(VHDHostile.changed(sample, seed).bytes, as: "vhd")
                } catch let error as EngineError where error.kind != .bug {
                    refused += 1
                }
                try #require(QCOW2Hostile.memory < before + 256 << 20, "\(variant) \(seed)")
            }
            try #require(refused > 0)
        }
    }
}

enum VHDHostile {
    /// An image of a disk of a megabyte; a difference to itself, so that its chain has no end.
    static func sample(_ variant: String) async throws -> VHDBytes {
        guard variant == "differencing" else { return try await VHDBytes.written(variant, VMDKSamples.disk(1 << 20)) }
        let id = ImageID.named("top")
        return VHDBytes(
            bytes: VHDChild(
                size: 4 << 20, id: id, parent: id, parentName: "disk", relativePath: ".\\disk",
                sectors: [3: 1, 5000: 2, 5001: 3]
            ).bytes)
    }

    /// The same change for the same seed, mostly where structures are; in most cases with checksums that fit.
    static func changed(_ sample: VHDBytes, _ seed: UInt64) -> VHDBytes {
        var image = sample
        var dice = SampleBytes.random(300, seed: seed).map { Int($0) }[...]
        func next(_ limit: Int) -> Int {
            let value = dice.prefix(3).reduce(0) { $0 << 8 | $1 }
            dice = dice.dropFirst(3)
            return value % max(1, limit)
        }
        for _ in 0...next(4) {
            let starts = [image.footer, image.footer, 0, 512, 512, 1536, 2048, 2560]
            let start = next(8) == 0 ? next(image.bytes.count) : starts[next(starts.count)]
            let offset = start + next(next(2) == 0 ? 96 : 512) / 4 * 4
            guard start >= 0, offset + 8 <= image.bytes.count else { continue }
            switch next(6) {
            case 0: image.bytes[offset] ^= 1 << UInt8(next(8))
            case 1: image.set(UInt64(1) << UInt64(next(64)), at: offset)
            case 2: image.set([0, UInt32.max, 1, 0x7FFF_FFFF][next(4)], at: offset)
            case 3: image.set(UInt32(next(64)), at: offset)
            case 4: image.set(UInt64(image.bytes.count + next(3) * 512 - 512), at: offset)
            default: image.bytes.removeLast(next(2) == 0 ? next(2000) : next(image.bytes.count / 2))
            }
        }
        if next(5) > 0, image.bytes.count >= 2048 { image.seal() }
        return image
    }
}
