import Engine
import Glibc

/// Deflates the blocks of a disk that hold data, by as many encoders as the machine has processors, and hands them on in
/// ascending order.
///
/// The memory is that of `inFlight` pieces and their streams, whatever the disk's size.
struct DeflatedBlocks: Sendable {
    /// How streams stand in the buffer that they are written from.
    struct Frame: Sendable {
        /// Bytes left free before each stream.
        var prefix = 0
        /// What the prefixes begin on multiples of.
        var alignment = 1

        /// The place after `count` bytes where the next prefix begins.
        func aligned(_ count: Int) -> Int { (count + alignment - 1) / alignment * alignment }
    }

    private let disk: any BlockReader
    private let blockSize: Int
    private let frame: Frame
    private let encoders: DeflateEncoders
    private let progress: ImageProgress
    private let pieceSize: Int

    /// Pieces that are on their way at once: enough to keep all processors busy, and some MiB.
    private let inFlight: Int

    /// - Parameter blockSize: bytes; a power of two, at most 2 MiB.
    init(
        _ disk: any BlockReader, blockSize: Int, frame: Frame = Frame(), progress: @escaping ImageProgress = { _ in },
        encoder: @escaping @Sendable () -> DeflateEncoder
    ) {
        self.disk = disk
        self.blockSize = blockSize
        self.frame = frame
        self.progress = progress
        pieceSize = max(blockSize, Int(disk.bestRead))
        inFlight = min(8, max(4, (4 << 20) / pieceSize))
        encoders = DeflateEncoders(limit: max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))), encoder)
    }

    /// Calls `use` with every piece of the disk that holds data, in ascending order.
    func forEachPiece(_ use: (DeflatedPiece) async throws(EngineError) -> Void) async throws(EngineError) {
        let cursor = PieceCursor(disk, pieceSize: UInt64(pieceSize))
        do {
            try await withThrowingTaskGroup(of: Numbered.self) { group in
                let desk = Desk()
                while true {
                    while desk.inFlight < inFlight, let range = try await cursor.take() {
                        let (number, buffers) = desk.begin { self.makeBuffers() }
                        group.addTask {
                            Numbered(number: number, piece: try await self.piece(range, buffers))
                        }
                    }
                    guard desk.inFlight > 0 else { break }
                    while !desk.isNextReady, let done = try await group.next() { desk.keep(done) }
                    guard let piece = desk.takeNext() else { break }
                    try Task.checkCancellation()
                    try await use(piece)
                    progress(piece.range.end)
                    desk.recycle(Buffers(raw: piece.raw, deflated: piece.deflated))
                }
            }
        } catch {
            throw EngineError(error)
        }
        progress(disk.size)
    }

    // MARK: One piece

    private struct Buffers: Sendable {
        let raw: Buffer
        let deflated: Buffer
    }

    private func makeBuffers() -> Buffers {
        let most = frame.aligned(frame.prefix + DeflateEncoder.bound(blockSize))
        return Buffers(
            raw: Buffer(capacity: pieceSize), deflated: Buffer(capacity: pieceSize / blockSize * most))
    }

    private func piece(_ range: ByteRange, _ buffers: Buffers) async throws(EngineError) -> DeflatedPiece {
        let range = range.aligned(outward: UInt64(blockSize), limit: disk.size)
        try await disk.read(range, into: buffers.raw)
        let missing = (blockSize - buffers.raw.count % blockSize) % blockSize
        buffers.raw.appendZeros(missing)
        let encoder = await encoders.acquire()
        defer { encoders.release(encoder) }
        return DeflatedPiece(
            range: range, raw: buffers.raw, deflated: buffers.deflated,
            blocks: try deflate(buffers, from: range.start, encoder))
    }

    private func deflate(
        _ buffers: Buffers, from start: UInt64, _ encoder: DeflateEncoder
    ) throws(EngineError) -> [DeflatedPiece.Block] {
        var blocks: [DeflatedPiece.Block] = []
        let output = buffers.deflated
        for position in stride(from: 0, to: buffers.raw.count, by: blockSize) {
            let raw = position..<(position + blockSize)
            try buffers.raw.withBytes(raw) { bytes throws(EngineError) in
                guard !ZeroScan.isZero(bytes) else { return }
                output.appendZeros(frame.prefix)
                let streamStart = output.count
                let count = try encoder.encode(bytes, into: output)
                output.appendZeros(frame.aligned(output.count) - output.count)
                blocks.append(
                    DeflatedPiece.Block(
                        offset: start + UInt64(position), raw: raw, stream: streamStart..<(streamStart + count)))
            }
        }
        return blocks
    }

    // MARK: Order

    /// A piece and its place in the order.
    private struct Numbered: Sendable {
        let number: Int
        let piece: DeflatedPiece
    }

    /// The pieces that are on their way or came too early, and the buffers that nobody uses.
    private final class Desk {
        private var ready: [Int: DeflatedPiece] = [:]
        private var free: [Buffers] = []
        private var begun = 0
        private var used = 0

        var inFlight: Int { begun - used }
        var isNextReady: Bool { ready[used] != nil }

        func begin(_ make: () -> Buffers) -> (Int, Buffers) {
            defer { begun += 1 }
            return (begun, free.popLast() ?? make())
        }

        func keep(_ done: Numbered) { ready[done.number] = done.piece }

        func takeNext() -> DeflatedPiece? {
            defer { used += 1 }
            return ready.removeValue(forKey: used)
        }

        func recycle(_ buffers: Buffers) {
            buffers.raw.removeAll()
            buffers.deflated.removeAll()
            free.append(buffers)
        }
    }
}
