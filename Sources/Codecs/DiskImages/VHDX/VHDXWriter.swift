import Engine

/// Writes a VHDX. In a file the headers and tables come last: one that is not whole has no signature.
struct VHDXWriter {
    let metadata: VHDXMetadata
    let disk: any BlockReader
    let progress: ImageProgress

    /// Returns the bytes of the file.
    func write(to sink: any ImageSink, isStream: Bool) async throws(EngineError) -> UInt64 {
        let end =
            metadata.isFixed
            ? try await writeFixed(to: sink, isStream: isStream)
            : try await writeDynamic(to: sink, isStream: isStream)
        try await sink.finish(size: end)
        return end
    }

    /// Blocks that hold data, one behind the other; the others are zeros by their state.
    private func writeDynamic(to sink: any ImageSink, isStream: Bool) async throws(EngineError) -> UInt64 {
        let blocks = BlockWriter(
            disk,
            BlockWriter.Shape(blockSize: metadata.blockSize, first: table.end, stride: metadata.blockSize))
        if isStream {
            try await blocks.survey()
            try await writeFront(to: sink, blocks)
        }
        try await blocks.copy(to: sink, isSurveyed: isStream, progress: progress)
        if !isStream { try await writeFront(to: sink, blocks) }
        return blocks.end
    }

    /// Every block, in order and without gaps.
    private func writeFixed(to sink: any ImageSink, isStream: Bool) async throws(EngineError) -> UInt64 {
        if isStream { try await writeFront(to: sink, nil) }
        try await DiskPieces(disk, progress: progress).copy(to: sink, at: table.end)
        if !isStream { try await writeFront(to: sink, nil) }
        return table.end + metadata.blockCount * metadata.blockSize
    }

    private var table: ByteRange {
        let bytes = metadata.tableEntries * 8
        let whole = (bytes + VHDXLayout.mebibyte - 1) / VHDXLayout.mebibyte * VHDXLayout.mebibyte
        return ByteRange(start: VHDXLayout.tableOffset, count: whole)
    }

    private func writeFront(to sink: any ImageSink, _ blocks: BlockWriter?) async throws(EngineError) {
        try await sink.write(Self.identifier, at: 0)
        for (index, offset) in VHDXLayout.headerOffsets.enumerated() {
            try await sink.write(VHDXHeader(sequence: UInt64(index) + 1, id: metadata.id).bytes, at: offset)
        }
        let regions = VHDXRegionTable(table: table).bytes
        for offset in VHDXLayout.regionTableOffsets { try await sink.write(regions, at: offset) }
        try await sink.write(metadata.region, at: VHDXLayout.metadata.start)
        try await writeTable(to: sink, blocks)
    }

    private static var identifier: [UInt8] {
        let creator = "AHVault".utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        return Array(VHDXLayout.fileSignature.utf8) + creator
    }

    private func writeTable(to sink: any ImageSink, _ blocks: BlockWriter?) async throws(EngineError) {
        let writer = TableWriter(to: sink, at: table.start)
        let ratio = metadata.chunkRatio
        var block: UInt64 = 0
        func append(_ entry: UInt64) async throws(EngineError) {
            try await writer.append(little: entry)
            block += 1
            // The entry of a sector bitmap, which there is none of: never the last one.
            if block % ratio == 0, block < metadata.blockCount { try await writer.append(little: 0) }
        }
        if let blocks {
            try await blocks.forEachOffset { offset throws(EngineError) in
                try await append(offset.map { VHDXBlocks.entry(.present, at: $0) } ?? VHDXBlocks.entry(.zero))
            }
        } else {
            for index in 0..<metadata.blockCount {
                try await append(VHDXBlocks.entry(.present, at: table.end + index * metadata.blockSize))
            }
        }
        try await writer.flush()
    }
}
