import Codecs
import EngineContracts
import Testing

@testable import Engine

@Suite("Parity of packs")
struct ParityTests {
    /// A pack's bytes and its parity at a target of their own. The content matters to nobody here.
    struct Scene {
        let store = MemoryStore()
        let target: MemoryTarget
        let id = PackID(words: (7, 8))
        let bytes: [UInt8]
        var key: ObjectKey { ObjectLayout.pack(id, .data) }

        init(count: Int) async throws {
            target = MemoryTarget(store)
            bytes = SampleBytes.random(count, seed: UInt64(count))
            try await target.open()
            try await target.put(key, Buffer(bytes))
            try await ParityWriter(target: target, coder: ReedSolomon()).put(id, .data, Buffer(bytes))
        }

        /// Changes the pack behind the target's back.
        func damage(_ body: (inout [UInt8]) -> Void) {
            var damaged = bytes
            body(&damaged)
            store[key] = damaged
        }

        func heal() async throws -> PackHealer.Outcome {
            try await PackHealer(target: target, coder: ReedSolomon()).heal(id, .data)
        }

        func healed() async throws -> [UInt8]? {
            guard case .healed(let pack, _) = try await heal() else { return nil }
            return pack.array
        }
    }

    @Test(
        "two damaged shards heal, whatever the pack's size",
        arguments: [104, 2047, 2048, 2049, 70_000, 1 << 20, (1 << 20) + 1])
    func twoShards(count: Int) async throws {
        let scene = try await Scene(count: count)
        let shape = ParityShape(packCount: count)
        let used = (0..<shape.dataShards).filter { !shape.bytes(ofShard: $0).isEmpty }
        for first in used {
            let second = used[(used.firstIndex(of: first)! + used.count / 2) % used.count]
            scene.damage { bytes in
                for shard in [first, second] { bytes[shape.bytes(ofShard: shard).lowerBound] ^= 1 }
            }
            #expect(try await scene.healed() == scene.bytes, "shards \(first) and \(second)")
        }
    }

    @Test("a zeroed run of a sixteenth of the pack, at any place, heals")
    func zeroedRun() async throws {
        let scene = try await Scene(count: 16 << 20)
        for start in [0, 1, 512 << 10, 8_000_001, (16 << 20) - (512 << 10)] {
            scene.damage { bytes in
                bytes.replaceSubrange(
                    start..<(start + 512 << 10), with: repeatElement(0, count: 512 << 10))
            }
            #expect(try await scene.healed() == scene.bytes, "from \(start)")
        }
    }

    @Test("a pack that is cut short by up to two shards, or too long, heals")
    func cut() async throws {
        let scene = try await Scene(count: 100_000)
        let shard = ParityShape(packCount: 100_000).shardSize
        for cut in [1, shard, shard + 700] {
            scene.damage { $0.removeLast(cut) }
            #expect(try await scene.healed() == scene.bytes, "\(cut) bytes")
        }
        scene.damage { $0.append(1) }
        #expect(try await scene.healed() == scene.bytes)
    }

    @Test("three damaged shards do not heal, and are named")
    func threeShards() async throws {
        let scene = try await Scene(count: 100_000)
        let shape = ParityShape(packCount: 100_000)
        scene.damage { bytes in
            for shard in [3, 17, 30] { bytes[shape.bytes(ofShard: shard).lowerBound + 5] ^= 0x80 }
        }
        guard case .impossible(let reason) = try await scene.heal() else {
            Issue.record("it healed")
            return
        }
        #expect(reason.contains("3, 17, 30"), "\(reason)")
    }

    @Test("a damaged parity shard costs one of the two; a damaged head costs all")
    func damagedParity() async throws {
        let scene = try await Scene(count: 100_000)
        let shape = ParityShape(packCount: 100_000)
        let key = ObjectLayout.parity(scene.id)
        let intact = try #require(scene.store[key])
        scene.damage { $0[shape.bytes(ofShard: 9).lowerBound] ^= 1 }
        var parity = intact
        parity[intact.count - 1] ^= 1
        scene.store[key] = parity
        #expect(try await scene.healed() == scene.bytes)
        scene.store[key] = Array(intact.dropLast(shape.shardSize))
        #expect(try await scene.healed() == scene.bytes)
        for offset in [0, 8, 20, 40, 100] {
            parity = intact
            parity[offset] ^= 1
            scene.store[key] = parity
            #expect(try await scene.healed() == nil, "byte \(offset)")
        }
    }

    @Test("parity under the name of another pack is not used")
    func swapped() async throws {
        let scene = try await Scene(count: 5000)
        let other = PackID(words: (9, 9))
        scene.store[ObjectLayout.pack(other, .data)] = scene.bytes
        scene.store[ObjectLayout.parity(other)] = scene.store[ObjectLayout.parity(scene.id)]
        let outcome = try await PackHealer(target: scene.target, coder: ReedSolomon()).heal(other, .data)
        guard case .impossible(let reason) = outcome else {
            Issue.record("it healed")
            return
        }
        #expect(reason.contains("under the name of another"))
    }

    @Test("the parity is that of the formula in the format's description")
    func formula() {
        func multiply(_ a: UInt8, _ b: UInt8) -> UInt8 {
            var (a, b, product) = (UInt16(a), b, UInt16(0))
            while b > 0 {
                if b & 1 == 1 { product ^= a }
                a <<= 1
                if a & 0x100 != 0 { a ^= 0x11D }
                b >>= 1
            }
            return UInt8(product)
        }
        func inverse(_ a: UInt8) -> UInt8 { (1...255).first { multiply(a, $0) == 1 } ?? 0 }
        let bytes = SampleBytes.random(3000, seed: 3)
        let shape = ParityShape(packCount: bytes.count)
        let padded = bytes + [UInt8](repeating: 0, count: shape.dataShards * shape.shardSize - bytes.count)
        let parity = Buffer(capacity: shape.parityShards * shape.shardSize)
        ReedSolomon().encode(bytes.span.bytes, shape, into: parity)
        let found = parity.array
        for row in 0..<shape.parityShards {
            for column in [0, 1, 63, shape.shardSize - 1] {
                let expected = (0..<shape.dataShards).reduce(UInt8(0)) { sum, shard in
                    let factor = inverse(UInt8(shape.dataShards + row) ^ UInt8(shard))
                    return sum ^ multiply(factor, padded[shard * shape.shardSize + column])
                }
                #expect(found[row * shape.shardSize + column] == expected)
            }
        }
    }
}
