import Engine

/// Writes a sparse extent. In a file the tables come behind the grains, and the header last: one that is not whole has
/// no signature.
struct VMDKSparseWriter {
    let disk: any BlockReader
    /// Empty for a part of a split disk.
    let descriptor: [UInt8]

    private var sectors: UInt64 { disk.size / VMDKLayout.sector }
    private var descriptorSectors: UInt64 { descriptor.isEmpty ? 0 : VMDKLayout.descriptorSectors }

    var layout: VMDKSparseLayout { VMDKSparseLayout(sectors: sectors, descriptorSectors: descriptorSectors) }

    /// Returns the bytes of the file.
    func write(
        to sink: any ImageSink, isStream: Bool, progress: @escaping ImageProgress
    ) async throws(EngineError) -> UInt64 {
        let layout = layout
        let grains = BlockWriter(
            disk,
            BlockWriter.Shape(
                blockSize: VMDKLayout.grainSize, first: layout.firstGrain, stride: VMDKLayout.grainSize))
        if isStream {
            try await grains.survey()
            try await writeHeader(to: sink, layout)
            try await writeTables(to: sink, layout, grains)
        }
        try await grains.copy(to: sink, isSurveyed: isStream, progress: progress)
        if !isStream {
            try await writeTables(to: sink, layout, grains)
            try await writeHeader(to: sink, layout)
        }
        try await sink.finish(size: grains.end)
        return grains.end
    }

    private func writeHeader(to sink: any ImageSink, _ layout: VMDKSparseLayout) async throws(EngineError) {
        var header = VMDKHeader(capacity: sectors, isStream: false)
        if !descriptor.isEmpty {
            header.descriptorOffset = 1
            header.descriptorSectors = descriptorSectors
        }
        header.redundantDirectory = layout.redundantDirectory / VMDKLayout.sector
        header.directory = layout.directory / VMDKLayout.sector
        header.overhead = layout.firstGrain / VMDKLayout.sector
        try await sink.write(header.bytes + descriptor, at: 0)
    }

    private func writeTables(
        to sink: any ImageSink, _ layout: VMDKSparseLayout, _ grains: BlockWriter
    ) async throws(EngineError) {
        for directory in [layout.redundantDirectory, layout.directory] {
            let writer = TableWriter(to: sink, at: directory)
            let firstTable = layout.firstTable(of: directory)
            for table in 0..<layout.tableCount {
                try await writer.append(
                    little32: UInt32((firstTable + table * VMDKLayout.tableSize) / VMDKLayout.sector))
            }
            try await writer.flush()
            try await writeEntries(to: TableWriter(to: sink, at: firstTable), grains)
        }
    }

    /// The entries of all tables; those behind the disk's end are 0.
    private func writeEntries(to writer: TableWriter, _ grains: BlockWriter) async throws(EngineError) {
        try await grains.forEachOffset { offset throws(EngineError) in
            try await writer.append(little32: offset.map { UInt32($0 / VMDKLayout.sector) } ?? 0)
        }
        try await writer.flush()
    }
}
