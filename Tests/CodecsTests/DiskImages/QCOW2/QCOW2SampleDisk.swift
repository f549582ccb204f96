import Engine
import EngineContracts
import Glibc

/// A sparse disk of known bytes.
struct QCOW2SampleDisk: BlockReader {
    let size: UInt64
    /// Where data is, in order; some of it zeros.
    let islands: [(start: UInt64, bytes: [UInt8])]

    init(size: UInt64, islands: [(start: UInt64, bytes: [UInt8])]) {
        self.size = size
        self.islands = islands
    }

    /// Islands of text, random bytes and zeros at and around the places where formats go wrong.
    init(size: UInt64, seed: UInt64 = 1) {
        let wanted: [UInt64] = [
            0, 4096, 65_536 - 512, 2 << 20, (64 << 20) - 4096, 512 << 20, (4 << 30) - 512, 5 << 30, size / 2, size,
        ]
        var islands: [(start: UInt64, bytes: [UInt8])] = []
        var end: UInt64 = 0
        for (number, place) in wanted.sorted().enumerated() {
            let count = UInt64([512, 4096, 131_072, 300_032, 65_536][number % 5])
            let start = max(end, min(place, size > count ? size - count : 0)) / 512 * 512
            guard start < size else { continue }
            let bytes = Self.bytes(Int(min(count, size - start)), number, seed)
            islands.append((start, bytes))
            end = start + UInt64(bytes.count)
        }
        self.init(size: size, islands: islands)
    }

    private static func bytes(_ count: Int, _ number: Int, _ seed: UInt64) -> [UInt8] {
        switch number % 3 {
        case 0: SampleBytes.text(count, seed: seed &+ UInt64(number))
        case 1: SampleBytes.random(count, seed: seed &+ UInt64(number))
        // A zero cluster within data, and the other way round.
        default: [UInt8](repeating: 0, count: count / 2) + SampleBytes.text(count - count / 2, seed: seed)
        }
    }

    func extents(in range: ByteRange) async throws(EngineError) -> [DiskExtent] {
        var list = ExtentList()
        var position = range.start
        for island in islands {
            let whole = ByteRange(start: island.start, count: UInt64(island.bytes.count))
            guard let part = whole.intersection(range) else { continue }
            list.append(ByteRange(position, part.start), isZero: true)
            list.append(part, isZero: false)
            position = part.end
        }
        list.append(ByteRange(position, range.end), isZero: true)
        return list.extents
    }

    func read(_ range: ByteRange, into output: Buffer) async throws(EngineError) {
        var position = range.start
        for island in islands {
            let whole = ByteRange(start: island.start, count: UInt64(island.bytes.count))
            guard let part = whole.intersection(range) else { continue }
            output.appendZeros(Int(part.start - position))
            let skip = Int(part.start - island.start)
            output.append(island.bytes.span.bytes.extracting(skip..<(skip + Int(part.count))))
            position = part.end
        }
        output.appendZeros(Int(range.end - position))
    }
}

/// Compares the bytes of two disks.
enum QCOW2Comparison {
    /// The first place where they differ, sizes included; nil when they are equal.
    static func difference(_ a: any BlockReader, _ b: any BlockReader) async throws -> String? {
        guard a.size == b.size else { return "\(a.size) and \(b.size) bytes" }
        var position: UInt64 = 0
        while position < a.size {
            let window = ByteRange(position, min(position + (1 << 30), a.size))
            for one in try await data(of: a, b, in: window) {
                let (first, second) = (Buffer(capacity: Int(one.count)), Buffer(capacity: Int(one.count)))
                try await a.read(one, into: first)
                try await b.read(one, into: second)
                let isEqual = first.withBytes { x in
                    second.withBytes { y in
                        x.byteCount == y.byteCount
                            && x.withUnsafeBytes { p in
                                y.withUnsafeBytes { q in memcmp(p.baseAddress!, q.baseAddress!, p.count) == 0 }
                            }
                    }
                }
                if !isEqual { return "the bytes from \(one.start) to \(one.end)" }
            }
            position = window.end
        }
        return nil
    }

    /// What one of them says is data, a mebibyte at a time.
    private static func data(of a: any BlockReader, _ b: any BlockReader, in window: ByteRange) async throws
        -> [ByteRange]
    {
        var pieces: [ByteRange] = []
        for extent in try await a.extents(in: window) + b.extents(in: window) where !extent.isZero {
            var start = extent.range.start
            while start < extent.range.end {
                let end = min(start + (1 << 20), extent.range.end)
                pieces.append(ByteRange(start, end))
                start = end
            }
        }
        return pieces
    }
}
