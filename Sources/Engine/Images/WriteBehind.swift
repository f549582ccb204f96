import Synchronization

/// Gathers what is written to a durable file into large pieces, which go past the page cache while the next ones are
/// gathered: a disk takes two requests at once faster than one after the other. Other files are written at once.
///
/// One task uses it. The memory is that of three pieces.
final class WriteBehind: @unchecked Sendable {
    // Sendable because one task at a time writes to a file, and a piece belongs to whoever writes it.

    private struct Flight {
        let piece: Buffer
        let end: Task<EngineError?, Never>
    }

    private let file: ImageFile
    private var flights: [Flight] = []
    private var free: [Buffer] = []
    /// What is gathered, and where its memory belongs; its first `skip` bytes do not count.
    private var piece: Buffer?
    private var start: UInt64 = 0
    private var skip = 0
    /// Behind everything that was written so far.
    private var reached: UInt64 = 0

    /// Bytes.
    private static let pieceSize = 4 << 20
    private static let mostInFlight = 2

    init(_ file: ImageFile) { self.file = file }

    /// - Throws: also what an earlier write has met.
    func write(_ buffer: Buffer, _ range: Range<Int>, at offset: UInt64) async throws(EngineError) {
        guard file.isDirect else {
            return try buffer.withBytes(range) { bytes throws(EngineError) in try file.write(bytes, at: offset) }
        }
        if piece != nil, offset != end { try await launch() }
        if offset < reached { try await settle() }
        var rest = range
        while !rest.isEmpty {
            let piece = try await self.piece(at: offset + UInt64(rest.lowerBound - range.lowerBound))
            let part = rest.prefix(piece.room)
            buffer.withBytes(part) { piece.append($0) }
            rest = part.upperBound..<rest.upperBound
            if piece.room == 0 { try await launch() }
        }
        reached = max(reached, offset + UInt64(range.count))
    }

    /// Returns when everything is in the file. Whether it survives a crash is another question.
    func settle() async throws(EngineError) {
        try await launch()
        while !flights.isEmpty { try await land() }
    }

    /// Waits for what is on its way, whatever becomes of it.
    func stop() async {
        piece = nil
        for flight in flights { _ = await flight.end.value }
        flights = []
    }

    private var end: UInt64 { start + UInt64(piece?.count ?? 0) }

    /// The piece that takes what belongs at `offset`. Memory and file are aligned alike, as direct writes need it.
    private func piece(at offset: UInt64) async throws(EngineError) -> Buffer {
        if let piece { return piece }
        while flights.count >= Self.mostInFlight { try await land() }
        let piece = free.popLast() ?? Buffer(capacity: Self.pieceSize)
        piece.removeAll()
        skip = Int(offset % UInt64(DirectFile.block))
        piece.appendZeros(skip)
        start = offset - UInt64(skip)
        self.piece = piece
        return piece
    }

    private func launch() async throws(EngineError) {
        guard let piece else { return }
        self.piece = nil
        let (range, offset) = (skip..<piece.count, start + UInt64(skip))
        let write: @Sendable () -> EngineError? = { [file] in
            do throws(EngineError) {
                try piece.withBytes(range) { bytes throws(EngineError) in try file.write(bytes, at: offset) }
                return nil
            } catch {
                return error
            }
        }
        if range.count < DirectFile.least {
            free.append(piece)
            if let error = write() { throw error }
        } else {
            let end = Task.detached(executorPreference: BlockingThreads.shared) { write() }
            flights.append(Flight(piece: piece, end: end))
        }
    }

    private func land() async throws(EngineError) {
        let flight = flights.removeFirst()
        let error = await flight.end.value
        free.append(flight.piece)
        if let error { throw error }
    }
}
