import CLZ4
import Engine

/// LZ4 as the Linux kernel has it: a magic number, then blocks of at most 8 MiB with their compressed lengths before
/// them. Nothing tells its end but the file's.
final class LegacyLZ4Unpacker: StreamUnpacker {
    private let output = UnsafeMutableRawBufferPointer.allocate(byteCount: 8 << 20, alignment: 16)
    /// What came and is not a whole block yet.
    private var pending: [UInt8] = []
    private(set) var isFinished = false

    private static let magic: UInt32 = 0x184C_2102
    /// The most that 8 MiB become when they do not shrink.
    private static let mostBlock = 8 << 20 + (8 << 20) / 255 + 16

    deinit { output.deallocate() }

    func unpack(
        _ input: RawSpan, _ use: (RawSpan) throws(EngineError) -> Void
    ) throws(EngineError) -> Int {
        input.withUnsafeBytes { pending += $0 }
        var position = 0
        while !isFinished, pending.count - position >= 4 {
            let count = number(at: position)
            if count == Self.magic {
                position += 4
                continue
            }
            guard count > 0 else {
                isFinished = true
                break
            }
            guard count <= UInt32(Self.mostBlock) else { throw EngineError(.corrupt, "damaged lz4 data") }
            guard pending.count - position - 4 >= Int(count) else { break }
            try decode((position + 4)..<(position + 4 + Int(count)), use)
            position += 4 + Int(count)
        }
        pending.removeFirst(position)
        return input.byteCount
    }

    private func decode(
        _ range: Range<Int>, _ use: (RawSpan) throws(EngineError) -> Void
    ) throws(EngineError) {
        let count = pending.withUnsafeBytes { bytes in
            LZ4_decompress_safe(
                bytes.baseAddress.map { $0 + range.lowerBound }?.assumingMemoryBound(to: CChar.self),
                output.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(range.count), Int32(output.count))
        }
        guard count >= 0 else { throw EngineError(.corrupt, "damaged lz4 data") }
        try use(UnsafeRawBufferPointer(rebasing: output[..<Int(count)]).bytes)
    }

    private func number(at offset: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(pending[offset + $1]) << (8 * UInt32($1)) }
    }
}
