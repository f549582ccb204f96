import Engine
import EngineContracts
import Glibc
import Testing

/// Changed images: read or refused, never a trap, an endless loop, or memory for what they merely claim.
///
/// `AHVAULT_FUZZ` is the number of inputs for each sample, `AHVAULT_FUZZ_FIRST` that of the first one.
@Suite("Hostile qcow2", .serialized)
struct QCOW2FuzzTests {
    @Test("no change traps", arguments: ["plain", "zlib", "zstd", "small clusters", "subclusters", "snapshots"])
    func hostileBytes(name: String) async {
        await #expect(processExitsWith: .success) { [name] in
            guard let sample = try await QCOW2Hostile.sample(name) else { return }
            try await sample.read()
            let number = { (key: String) in getenv(key).flatMap { Int(String(cString: $0)) } }
            let first = number("AHVAULT_FUZZ_FIRST") ?? 0
            let before = QCOW2Hostile.memory
            var refused = 0
            for seed in first..<(first + (number("AHVAULT_FUZZ") ?? 300)) {
                let hostile = QCOW2Hostile.changed(sample, seed: UInt64(seed))
                do {
                    _ = try await hostile.check()
                    try await hostile.read()
                } catch is EngineError {
                    refused += 1
                }
                try #require(QCOW2Hostile.memory < before + 256 << 20, "\(name) \(seed)")
            }
            try #require(refused > 0)
        }
    }
}

enum QCOW2Hostile {
    static func sample(_ name: String) async throws -> QCOW2Bytes? {
        switch name {
        case "small clusters": return try await QCOW2Bytes.written("zlib", clusterSize: "512")
        case "subclusters", "snapshots":
            guard QCOW2Folder.hasTool else { return nil }
            let folder = try QCOW2Folder()
            let options = name == "subclusters" ? "extended_l2=on,cluster_size=16k" : "cluster_size=4k"
            try folder.run(["create", "-f", "qcow2", "-o", options, folder["a"], "4M"])
            for round in 1...3 {
                try folder.write(round, at: UInt64(round) * 300_032, count: 70_144, of: "a")
                if name == "snapshots" { try folder.qemu("snapshot", "-c", "\(round)", files: ["a"]) }
            }
            return QCOW2Bytes(bytes: try folder.bytes("a"))
        default: return try await QCOW2Bytes.written(name)
        }
    }

    /// The same change for the same seed: bits, bytes and numbers, mostly where structures are.
    static func changed(_ sample: QCOW2Bytes, seed: UInt64) -> QCOW2Bytes {
        var image = sample
        var random = SampleBytes.random(400, seed: seed &+ 1)[...]
        func next(_ limit: Int) -> Int {
            let value = random.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            random = random.dropFirst(4)
            return value % max(1, limit)
        }
        let places = [0, sample.l1, sample.l2, sample.refcountTable, sample.refcountBlock, Int(sample[64])]
        for _ in 0...next(4) {
            let start = places[next(places.count)]
            let length = min([112, 64, sample.clusterSize][next(3)], image.bytes.count - 8 - start)
            guard length > 0 else { continue }
            let offset = start + (next(2) == 0 ? next(length) : next(length) / 8 * 8)
            guard offset + 8 <= image.bytes.count else { continue }
            let power = UInt64(1) << UInt64(next(64))
            switch next(6) {
            case 0: image.bytes[offset] ^= 1 << UInt8(next(8))
            case 1: image[offset] = power
            case 2: image[offset] = [0, .max, power &- 1, UInt64(image.bytes.count), sample[offset] &+ 512][next(5)]
            case 3: image[offset] = sample[places[next(places.count)]]
            case 4: image.bytes.removeLast(next(image.bytes.count / 2))
            default: image[offset] = sample[offset] ^ power
            }
        }
        return image
    }

    /// Bytes of memory that the process has had at most.
    static var memory: Int {
        var text = [UInt8](repeating: 0, count: 8192)
        let file = open("/proc/self/status", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return 0 }
        defer { close(file) }
        let count = max(0, Glibc.read(file, &text, text.count))
        let lines = String(decoding: text[..<count], as: UTF8.self).split(separator: "\n")
        let line = lines.first { $0.hasPrefix("VmHWM:") }
        return (line.flatMap { Int($0.split(whereSeparator: { $0 == " " || $0 == "\t" })[1]) } ?? 0) << 10
    }
}
