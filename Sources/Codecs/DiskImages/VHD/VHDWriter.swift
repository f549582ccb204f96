import Engine

/// Writes a VHD. A file that is not whole has no footer at its end, and a dynamic one nothing at its beginning.
struct VHDWriter {
    let footer: VHDFooter
    let disk: any BlockReader
    let progress: ImageProgress

    /// The disk, zeros up to the footer's size, the footer.
    func writeFixed(to sink: any ImageSink) async throws(EngineError) -> UInt64 {
        try await DiskPieces(disk, progress: progress).copy(to: sink)
        try await sink.write(footer.bytes, at: footer.currentSize)
        let end = footer.currentSize + UInt64(VHDFooter.size)
        try await sink.finish(size: end)
        return end
    }

    /// Copy of the footer, header, table, blocks with their bitmaps, footer.
    func writeDynamic(to sink: any ImageSink, isStream: Bool, blockSize: UInt64) async throws(EngineError) -> UInt64 {
        let header = VHDDynamicHeader(size: footer.currentSize, blockSize: blockSize)
        let bitmapSize = VHDLayout.bitmapSize(ofBlock: blockSize)
        let blocks = BlockWriter(disk, Self.shape(header))
        if isStream {
            try await blocks.survey()
            try await writeFront(header, blocks, to: sink)
        }
        let bitmap = [UInt8](repeating: 0xFF, count: Int(bitmapSize))
        try await blocks.copy(to: sink, isSurveyed: isStream, progress: progress) { offset throws(EngineError) in
            try await sink.write(bitmap, at: offset - bitmapSize)
        }
        let end = blocks.blocks.count == 0 ? Self.tableEnd(header) : blocks.end - (blocks.shape.stride - blockSize)
        try await sink.write(footer.bytes, at: end)
        if !isStream { try await writeFront(header, blocks, to: sink) }
        try await sink.finish(size: end + UInt64(VHDFooter.size))
        return end + UInt64(VHDFooter.size)
    }

    /// Blocks lie so that their data begins on multiples of 4 KiB, each behind its bitmap.
    private static func shape(_ header: VHDDynamicHeader) -> BlockWriter.Shape {
        let bitmapSize = VHDLayout.bitmapSize(ofBlock: header.blockSize)
        return BlockWriter.Shape(
            blockSize: header.blockSize, first: aligned(tableEnd(header) + bitmapSize),
            stride: header.blockSize + aligned(bitmapSize))
    }

    private static func aligned(_ offset: UInt64) -> UInt64 { (offset + 4095) / 4096 * 4096 }

    private static func tableEnd(_ header: VHDDynamicHeader) -> UInt64 {
        let end = header.tableOffset + UInt64(header.tableEntries) * 4
        return (end + VHDLayout.sector - 1) / VHDLayout.sector * VHDLayout.sector
    }

    private func writeFront(
        _ header: VHDDynamicHeader, _ blocks: BlockWriter, to sink: any ImageSink
    ) async throws(EngineError) {
        try await sink.write(footer.bytes, at: 0)
        try await sink.write(header.bytes, at: VHDLayout.headerOffset)
        let table = TableWriter(to: sink, at: header.tableOffset)
        let bitmapSize = VHDLayout.bitmapSize(ofBlock: header.blockSize)
        try await blocks.forEachOffset { offset throws(EngineError) in
            let sector = offset.map { UInt32(($0 - bitmapSize) / VHDLayout.sector) }
            try await table.append(big: sector ?? VHDLayout.absent)
        }
        let entriesEnd = header.tableOffset + UInt64(header.tableEntries) * 4
        for _ in 0..<((Self.tableEnd(header) - entriesEnd) / 4) { try await table.append(big: VHDLayout.absent) }
        try await table.flush()
    }
}
