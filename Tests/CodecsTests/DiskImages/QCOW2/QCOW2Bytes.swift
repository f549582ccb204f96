import Codecs
import Engine
import EngineContracts

/// A small image in memory, whose structures can be found and changed.
struct QCOW2Bytes: Sendable {
    var bytes: [UInt8]

    /// Text and random bytes in small clusters, written by us.
    static func written(_ variant: String, clusterSize: String = "4096") async throws -> QCOW2Bytes {
        let disk = QCOW2SampleDisk(
            size: 8 << 20,
            islands: [
                (0, SampleBytes.text(100_000, seed: 1)), (1 << 20, SampleBytes.random(20_480, seed: 2)),
                (5 << 20, SampleBytes.text(9000, seed: 3)),
            ])
        let memory = MemoryImages()
        let destination = memory.destination("a")
        let image = try QCOW2Trial.image(["variant": variant, "cluster-size": clusterSize])
        return try await onBlockingThreads {
            _ = try await image.write(disk, to: destination) { _ in }
            try await destination.commit()
            return QCOW2Bytes(bytes: memory["a"] ?? [])
        }
    }

    subscript(offset: Int) -> UInt64 {
        get { bytes[offset..<(offset + 8)].reduce(0) { $0 << 8 | UInt64($1) } }
        set { for index in 0..<8 { bytes[offset + index] = UInt8(truncatingIfNeeded: newValue >> (56 - 8 * index)) } }
    }

    var clusterSize: Int { 1 << Int(bytes[23]) }
    var l1: Int { Int(self[40]) }
    /// The first table of the second level.
    var l2: Int { Int(self[l1] & 0x00FF_FFFF_FFFF_FE00) }
    var refcountTable: Int { Int(self[48]) }
    var refcountBlock: Int { Int(self[refcountTable]) }
    /// Where the first entry of the second level is that a condition holds for.
    func entry(_ condition: (UInt64) -> Bool) -> Int {
        stride(from: l2, to: l2 + clusterSize, by: 8).first { self[$0] != 0 && condition(self[$0]) } ?? l2
    }

    func storage() throws -> any ImageStorage {
        let memory = MemoryImages()
        memory["a"] = bytes
        return try memory.storage("a")
    }

    func check() async throws -> ImageCheck {
        let (image, storage) = (try QCOW2Trial.image(), try storage())
        return try await onBlockingThreads { try await image.check(storage) }
    }

    /// Opens it and reads as much of the disk as `most` bytes.
    func read(most: UInt64 = 16 << 20) async throws {
        let (image, storage) = (try QCOW2Trial.image(), try storage())
        try await onBlockingThreads {
            let disk = try await image.open(storage)
            _ = try await disk.extents(in: ByteRange(0, min(disk.size, 1 << 30)))
            let buffer = Buffer(capacity: 1 << 20)
            var position: UInt64 = 0
            while position < min(disk.size, most) {
                let end = min(position + (1 << 20), disk.size)
                buffer.removeAll()
                try await disk.read(ByteRange(position, end), into: buffer)
                guard buffer.count == Int(end - position) else { throw EngineError(.bug, "\(buffer.count) bytes") }
                position = end
            }
        }
    }
}
