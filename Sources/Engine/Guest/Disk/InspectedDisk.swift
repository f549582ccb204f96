import Synchronization

/// A disk of a guest for those who look into it: any bytes of it, a few at a time.
///
/// What stands on a guest's disk is hostile. A budget of reads ends whatever a damaged structure sends in circles, and
/// nothing outside the disk is ever read.
package final class InspectedDisk: Sendable {
    package let size: UInt64
    /// How messages name it, such as `scsi.0`.
    package let name: String
    private let reader: any BlockReader
    private let state = Mutex(State())

    private struct State {
        var blocks: [UInt64: [UInt8]] = [:]
        /// Kept blocks, oldest first.
        var order: [UInt64] = []
        var reads = 0
        var bytes: UInt64 = 0
    }

    private static let blockSize: UInt64 = 64 << 10
    private static let keptBlocks = 256
    /// As many reads and bytes as a look at one disk may cost.
    private static let mostReads = 400_000
    private static let mostBytes: UInt64 = 8 << 30

    package init(_ reader: any BlockReader, name: String) {
        self.reader = reader
        size = reader.size
        self.name = name
    }

    /// - Throws: `.corrupt` for bytes behind the end, `.unsupported` when the budget is spent; what the reader throws.
    func bytes(at offset: UInt64, count: Int) async throws(EngineError) -> [UInt8] {
        guard count >= 0, offset <= size, UInt64(count) <= size - offset else {
            throw EngineError(.corrupt, "\(name): something lies behind the end of the disk")
        }
        guard count > 0 else { return [] }
        try spend(UInt64(count))
        let end = offset + UInt64(count)
        if UInt64(count) > Self.blockSize { return try await read(ByteRange(offset, end)) }
        var result: [UInt8] = []
        result.reserveCapacity(count)
        var position = offset
        while position < end {
            let number = position / Self.blockSize
            let block = try await block(number)
            let start = Int(position - number * Self.blockSize)
            let part = min(block.count - start, Int(end - position))
            result += block[start..<(start + part)]
            position += UInt64(part)
        }
        return result
    }

    private func spend(_ count: UInt64) throws(EngineError) {
        if Task.isCancelled { throw EngineError(.cancelled, "cancelled") }
        let isLeft = state.withLock { state in
            state.reads += 1
            state.bytes += count
            return state.reads <= Self.mostReads && state.bytes <= Self.mostBytes
        }
        guard isLeft else {
            throw EngineError(.unsupported, "\(name): looking any further would take too long")
        }
    }

    private func block(_ number: UInt64) async throws(EngineError) -> [UInt8] {
        if let kept = state.withLock({ $0.blocks[number] }) { return kept }
        let start = number * Self.blockSize
        let block = try await read(ByteRange(start, min(size, start + Self.blockSize)))
        state.withLock { state in
            if state.blocks.updateValue(block, forKey: number) == nil { state.order.append(number) }
            if state.order.count > Self.keptBlocks { state.blocks[state.order.removeFirst()] = nil }
        }
        return block
    }

    private func read(_ range: ByteRange) async throws(EngineError) -> [UInt8] {
        let buffer = Buffer(capacity: Int(range.count))
        try await reader.read(range, into: buffer)
        guard buffer.count == Int(range.count) else {
            throw EngineError(.corrupt, "\(name): fewer bytes came than were asked for")
        }
        return buffer.array
    }
}
