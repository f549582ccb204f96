import Engine
import Synchronization

/// A disk in memory that says where it holds data, and counts what is read of it.
final class ContractDisk: BlockReader {
    let bytes: [UInt8]
    private let all: [DiskExtent]
    private let counter = Mutex<UInt64>(0)

    /// Bytes of an extent at least.
    private static let granule = 64 << 10

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var list = ExtentList()
        for start in stride(from: 0, to: bytes.count, by: Self.granule) {
            let end = min(start + Self.granule, bytes.count)
            list.append(ByteRange(UInt64(start), UInt64(end)), isZero: bytes[start..<end].allSatisfy { $0 == 0 })
        }
        all = list.extents
    }

    var size: UInt64 { UInt64(bytes.count) }
    /// Bytes that were read so far.
    var bytesRead: UInt64 { counter.withLock { $0 } }
    /// Bytes that must be read at most: each piece with data, whole.
    var bytesWorthReading: UInt64 {
        all.filter { !$0.isZero }.reduce(0) { $0 + $1.range.aligned(outward: bestRead, limit: size).count }
    }

    func extents(in range: ByteRange) async throws(EngineError) -> [DiskExtent] {
        all.compactMap { extent in extent.range.intersection(range).map { DiskExtent($0, isZero: extent.isZero) } }
    }

    func read(_ range: ByteRange, into output: Buffer) async throws(EngineError) {
        counter.withLock { $0 += range.count }
        let bytes = bytes
        output.append(bytes.span.bytes.extracting(Int(range.start)..<Int(range.end)))
    }
}

extension ContractDisk {
    /// Zeros but for text and noise at the beginning, in the middle, over odd places, and at the end.
    static func islands(_ size: Int, seed: UInt64 = 1) -> ContractDisk {
        var bytes = [UInt8](repeating: 0, count: size)
        func put(_ island: [UInt8], at offset: Int) {
            guard offset < size else { return }
            let part = island.prefix(size - offset)
            bytes.replaceSubrange(offset..<(offset + part.count), with: part)
        }
        put(SampleBytes.text(20_000, seed: seed), at: 0)
        put(SampleBytes.random(9_000, seed: seed + 1), at: size / 3)
        put(SampleBytes.text(70_000, seed: seed + 2), at: size / 2 + 777)
        put(SampleBytes.random(512, seed: seed + 3), at: max(0, size - 512))
        return ContractDisk(bytes)
    }

    static func full(_ size: Int) -> ContractDisk {
        let half = size / 2
        return ContractDisk(SampleBytes.text(half, seed: 5) + SampleBytes.random(size - half, seed: 6))
    }

    static func empty(_ size: Int) -> ContractDisk { ContractDisk([UInt8](repeating: 0, count: size)) }
}
