/// Brings the data of a disk to a writer: several reads are in flight while the writer has the piece before.
///
/// The memory is that of the pieces in flight, at most eight, whatever the disk's size.
package struct DiskPieces: Sendable {
    private let disk: any BlockReader
    private let progress: ImageProgress

    /// Bytes in flight, unless four pieces are more.
    private static let bytesAhead: UInt64 = 4 << 20
    private static let mostReads: UInt64 = 8

    package init(_ disk: any BlockReader, progress: @escaping ImageProgress = { _ in }) {
        self.disk = disk
        self.progress = progress
    }

    /// Calls `use` with every piece of the disk that holds data, in ascending order.
    /// - Parameter unit: no piece crosses a multiple of it; a power of two.
    package func forEachPiece(
        within unit: UInt64 = .max, _ use: (DiskPiece) async throws(EngineError) -> Void
    ) async throws(EngineError) {
        let size = min(unit, disk.bestRead)
        let readsAhead = Int(min(Self.mostReads, max(4, Self.bytesAhead / size)))
        let cursor = PieceCursor(disk, pieceSize: size)
        do {
            try await withThrowingTaskGroup(of: Numbered.self) { group in
                let desk = Desk(capacity: Int(size))
                while true {
                    while desk.inFlight < readsAhead, let range = try await cursor.take() {
                        let (number, buffer) = desk.begin()
                        group.addTask { [disk] in
                            try await disk.read(range, into: buffer)
                            return Numbered(number: number, piece: DiskPiece(range, buffer))
                        }
                    }
                    guard desk.inFlight > 0 else { break }
                    while !desk.isNextReady, let read = try await group.next() { desk.keep(read) }
                    guard let piece = desk.takeNext() else { break }
                    try Task.checkCancellation()
                    try await use(piece)
                    progress(piece.range.end)
                    desk.recycle(piece.buffer)
                }
            }
        } catch {
            throw EngineError(error)
        }
        progress(disk.size)
    }

    /// Writes the disk as it is to `sink`, `base` bytes behind its beginning.
    package func copy(to sink: any ImageSink, at base: UInt64 = 0) async throws(EngineError) {
        try await forEachPiece { piece throws(EngineError) in
            for run in piece.runs {
                try await sink.write(piece.buffer, run, at: base + piece.range.start + UInt64(run.lowerBound))
            }
        }
    }

    /// A piece and its place in the order.
    private struct Numbered: Sendable {
        let number: Int
        let piece: DiskPiece
    }

    /// The pieces that are being read or were read too early, and the buffers that nobody uses.
    private final class Desk {
        private let capacity: Int
        private var ready: [Int: DiskPiece] = [:]
        private var free: [Buffer] = []
        private var begun = 0
        private var used = 0

        init(capacity: Int) { self.capacity = capacity }

        var inFlight: Int { begun - used }
        var isNextReady: Bool { ready[used] != nil }

        func begin() -> (Int, Buffer) {
            defer { begun += 1 }
            return (begun, free.popLast() ?? Buffer(capacity: capacity))
        }

        func keep(_ read: Numbered) { ready[read.number] = read.piece }

        func takeNext() -> DiskPiece? {
            defer { used += 1 }
            return ready.removeValue(forKey: used)
        }

        func recycle(_ buffer: Buffer) {
            buffer.removeAll()
            free.append(buffer)
        }
    }
}
