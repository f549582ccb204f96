import Engine

/// Writes a stream: every grain behind a marker, each grain table behind its grains, the directory, a footer, and the
/// end of the stream. Nothing is written twice, and nothing is known in advance. One task uses it.
///
/// A stream that was cut off has no footer, without which nobody opens it.
final class VMDKStreamWriter {
    private let sink: any ImageSink
    private let capacity: UInt64
    private let descriptor: [UInt8]
    /// Of the file; a multiple of a sector.
    private var position: UInt64 = VMDKLayout.alignment
    /// The table that is being filled, its number, and the sectors of those that were written: 0 for empty ones.
    private var table = ImageFields(count: Int(VMDKLayout.tableSize))
    private var tableNumber: Int?
    private var directory: [UInt32]

    /// - Parameter capacity: sectors of the disk.
    init(to sink: any ImageSink, capacity: UInt64, descriptor: [UInt8]) {
        self.sink = sink
        self.capacity = capacity
        self.descriptor = descriptor
        let reach = VMDKLayout.tableReach / VMDKLayout.sector
        directory = [UInt32](repeating: 0, count: Int((capacity + reach - 1) / reach))
    }

    /// Returns the bytes of the file.
    func write(
        _ disk: any BlockReader, effort: DeflateEffort, progress: @escaping ImageProgress
    ) async throws(EngineError) -> UInt64 {
        try await sink.write(header.bytes + descriptor, at: 0)
        let grains = DeflatedBlocks(
            disk, blockSize: Int(VMDKLayout.grainSize),
            frame: DeflatedBlocks.Frame(prefix: VMDKMarker.grainPrefix, alignment: Int(VMDKLayout.sector)),
            progress: progress
        ) { DeflateEncoder(effort, .zlib) }
        try await grains.forEachPiece { piece throws(EngineError) in try await self.append(piece) }
        try await finishTable()
        try await finish()
        return position
    }

    private var header: VMDKHeader {
        var header = VMDKHeader(capacity: capacity, isStream: true)
        header.descriptorOffset = 1
        header.descriptorSectors = VMDKLayout.descriptorSectors
        return header
    }

    // MARK: Grains

    /// No piece belongs to two tables.
    private func append(_ piece: DeflatedPiece) async throws(EngineError) {
        guard let first = piece.blocks.first else { return }
        let number = Int(first.offset / VMDKLayout.tableReach)
        if number != tableNumber {
            try await finishTable()
            tableNumber = number
        }
        for block in piece.blocks {
            let start = block.stream.lowerBound - VMDKMarker.grainPrefix
            let marker = VMDKMarker.grain(
                sector: block.offset / VMDKLayout.sector, bytes: block.stream.count)
            piece.deflated.overwrite(at: start, with: marker.span.bytes)
            let index = block.offset / VMDKLayout.grainSize % VMDKLayout.tableEntries
            table.setLittle(try sector(position + UInt64(start)), at: Int(index) * 4)
        }
        try await sink.write(piece.deflated, 0..<piece.deflated.count, at: position)
        position += UInt64(piece.deflated.count)
    }

    private func sector(_ offset: UInt64) throws(EngineError) -> UInt32 {
        guard let sector = UInt32(exactly: offset / VMDKLayout.sector) else {
            throw EngineError(.unsupported, "the stream grows beyond 2 TiB, which a VMDK cannot hold")
        }
        return sector
    }

    private func finishTable() async throws(EngineError) {
        guard let number = tableNumber else { return }
        try await append(VMDKMarker.sector(.grainTable, sectors: VMDKLayout.sectors(VMDKLayout.tableSize)))
        directory[number] = try sector(position)
        try await append(table.bytes)
        table = ImageFields(count: Int(VMDKLayout.tableSize))
        tableNumber = nil
    }

    // MARK: End

    private func finish() async throws(EngineError) {
        let sectors = VMDKLayout.sectors(UInt64(directory.count) * 4)
        try await append(VMDKMarker.sector(.grainDirectory, sectors: sectors))
        var footer = header
        footer.directory = UInt64(try sector(position))
        let entries = TableWriter(to: sink, at: position)
        for entry in directory { try await entries.append(little32: entry) }
        try await entries.flush()
        position += sectors * VMDKLayout.sector
        try await append(VMDKMarker.sector(.footer, sectors: 1))
        try await append(footer.bytes)
        try await append(VMDKMarker.sector(.endOfStream, sectors: 0))
        try await sink.finish(size: position)
    }

    private func append(_ bytes: [UInt8]) async throws(EngineError) {
        try await sink.write(bytes, at: position)
        position += UInt64(bytes.count)
    }
}
