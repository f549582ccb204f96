import Engine
import Wire

extension VolumeConnection {
    /// Most bytes of one command.
    static let pieceBytes = 1 << 20

    /// Reads `count` bytes of a disk at `offset` into `buffer` from `start` on, several commands at once.
    nonisolated func read(
        disk: Int, at offset: UInt64, count: Int, into buffer: Buffer, from start: Int
    ) async throws(PrismError) {
        try await pieces(disk, offset, count, start) { piece, unit throws(WireError) in
            try await piece.read(unit, buffer)
        }
    }

    /// Writes `count` bytes of `buffer` from `start` on to a disk at `offset`.
    nonisolated func write(
        disk: Int, at offset: UInt64, count: Int, of buffer: Buffer, from start: Int
    ) async throws(PrismError) {
        try await pieces(disk, offset, count, start) { piece, unit throws(WireError) in
            try await piece.write(unit, buffer)
        }
    }

    /// Returns once everything written to a disk is on stable storage.
    nonisolated func flush(disk: Int) async throws(PrismError) {
        try await persist(disk) { unit throws(WireError) in try await unit.session.synchronizeCache(lun: unit.lun) }
    }

    nonisolated private func pieces(
        _ disk: Int, _ offset: UInt64, _ count: Int, _ start: Int,
        _ move: @escaping @Sendable (Piece, LogicalUnit) async throws(WireError) -> Void
    ) async throws(PrismError) {
        let all = stride(from: 0, to: count, by: Self.pieceBytes).map { at in
            Piece(offset: offset + UInt64(at), start: start + at, count: min(Self.pieceBytes, count - at))
        }
        if all.count == 1, let only = all.first {
            return try await persist(disk) { unit throws(WireError) in try await move(only, unit) }
        }
        let failure = await withTaskGroup(of: PrismError?.self) { group in
            for piece in all {
                group.addTask {
                    do throws(PrismError) {
                        try await self.persist(disk) { unit throws(WireError) in try await move(piece, unit) }
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            var first: PrismError?
            for await error in group where first == nil { first = error }
            return first
        }
        if let failure { throw failure }
    }

    /// Repeats `work` on new logins as long as the connection is what fails.
    nonisolated private func persist(
        _ disk: Int, _ work: (LogicalUnit) async throws(WireError) -> Void
    ) async throws(PrismError) {
        var failed: Int?
        while true {
            if Task.isCancelled { throw .cancelled }
            let login = try await login(after: failed)
            do throws(WireError) {
                return try await work(login.units[disk])
            } catch {
                guard error.isRetryable || error.kind == .closed else { throw PrismError(error) }
                failed = login.number
            }
        }
    }
}

/// A part of a transfer that one command moves.
struct Piece: Sendable {
    /// Byte of the disk.
    let offset: UInt64
    /// Byte of the buffer.
    let start: Int
    let count: Int

    func read(_ unit: LogicalUnit, _ buffer: Buffer) async throws(WireError) {
        let block = unit.capacity.blockSize
        let memory = UnsafeMutableRawBufferPointer(rebasing: buffer.memory[start..<start + count])
        if offset % UInt64(block) == 0, count % block == 0 {
            return try await unit.session.read(
                lun: unit.lun, at: offset / UInt64(block), blockSize: block, into: memory)
        }
        let lead = Int(offset % UInt64(block))
        let whole = Buffer(capacity: (lead + count + block - 1) / block * block)
        try await unit.session.read(
            lun: unit.lun, at: offset / UInt64(block), blockSize: block, into: whole.memory)
        memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: whole.memory[lead..<lead + count]))
    }

    func write(_ unit: LogicalUnit, _ buffer: Buffer) async throws(WireError) {
        let block = unit.capacity.blockSize
        guard offset % UInt64(block) == 0, count % block == 0 else {
            throw WireError(.configuration, "a write of \(count) bytes at \(offset) is not on \(block)-byte blocks")
        }
        let memory = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer.memory)[start..<start + count])
        try await unit.session.write(lun: unit.lun, at: offset / UInt64(block), blockSize: block, from: memory)
    }
}
