import Engine
import EngineContracts
import Glibc
import Testing

@testable import Codecs

/// Changed VMDKs: they are read or refused, nothing traps, and nothing is allocated that a file merely claims.
@Suite("Hostile VMDKs")
struct VMDKFuzzTests {
    /// `AHVAULT_FUZZ` is the number of inputs for each variant.
    static let inputs = getenv("AHVAULT_FUZZ").flatMap { Int(String(cString: $0)) } ?? 400

    @Test(
        "no reader or checker traps, or throws anything but an engine error", arguments: VMDKImage.variants.map(\.name))
    func hostile(_ variant: String) async {
        await #expect(processExitsWith: .success) { [variant] in
            let (folder, _) = try await VMDKSamples.written(VMDKSamples.disk(400_000), ["variant": variant])
            let names = folder.names.filter { $0 != "raw" && !$0.hasSuffix("-flat.vmdk") }
            let originals = names.compactMap { name in folder[name].map { (name, $0) } }
            var refused = 0
            for number in 0..<Self.inputs {
                for (name, bytes) in originals { folder[name] = bytes }
                let (name, bytes) = originals[number % originals.count]
                folder[name] = Self.changed(bytes, UInt64(number + 1))
                do {
                    let image = try await VMDKSamples.format().open(folder.storage("disk.vmdk"))
                    let part = ByteRange(0, min(image.size, 1 << 20))
                    _ = try await image.extents(in: part)
                    try await image.read(part, into: Buffer(capacity: max(1, Int(part.count))))
                } catch is EngineError {
                    refused += 1
                }
                _ = try await VMDKSamples.check(folder)
            }
            try #require(refused > 0)
        }
    }

    /// Changes where tables and headers are, mostly: the first 2 KiB, the last 4 KiB, and anywhere.
    private static func changed(_ original: [UInt8], _ seed: UInt64) -> [UInt8] {
        var bytes = original
        let dice = SampleBytes.random(64, seed: seed).map(Int.init)
        for step in 0..<(1 + dice[0] % 4) {
            guard !bytes.isEmpty else { break }
            let far = dice[4 * step + 1] << 16 | dice[4 * step + 2] << 8 | dice[4 * step + 3]
            let place =
                switch dice[4 * step + 4] % 4 {
                case 0: far % min(bytes.count, 128)
                case 1: far % min(bytes.count, 2048)
                case 2: bytes.count - 1 - far % min(bytes.count, 4096)
                default: far % bytes.count
                }
            switch dice[20 + step] % 5 {
            case 0: bytes[place] ^= 1 << (dice[30 + step] % 8)
            case 1: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF][dice[30 + step] % 5]
            case 2:
                for index in place..<min(place + 8, bytes.count) { bytes[index] = dice[30 + step] % 2 == 0 ? 0xFF : 0 }
            case 3: bytes.removeLast(far % min(bytes.count, 3000))
            default: bytes.insert(contentsOf: bytes[place..<min(place + 512, bytes.count)], at: place)
            }
        }
        return bytes
    }
}
