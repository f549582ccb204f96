import Engine

/// One disk on its way into a VMDK: what is written where, by its variant.
struct VMDKWriteJob: Sendable {
    let disk: any BlockReader
    let destination: any ImageDestination
    let variant: String
    let adapter: VMDKAdapter
    let hardwareVersion: Int
    let id: ImageID
    let isThin: Bool
    let effort: DeflateEffort
    let progress: ImageProgress

    /// Returns the bytes of all files.
    func run() async throws(EngineError) -> UInt64 {
        switch variant {
        case "streamOptimized": try await writeStream()
        case "monolithicSparse": try await writeSparse()
        case "twoGbMaxExtentSparse": try await writeSplit()
        default: try await writeFlat()
        }
    }

    private var sectors: UInt64 { disk.size / VMDKLayout.sector }

    /// The name of another file: `disk-flat.vmdk` beside `disk.vmdk`.
    private func name(_ suffix: String) -> String {
        let name = destination.name
        return name.hasSuffix(".vmdk") ? "\(name.dropLast(5))\(suffix).vmdk" : "\(name)\(suffix)"
    }

    /// - Throws: `.configuration` for a name that a descriptor cannot bear.
    private func descriptor(_ extents: [VMDKExtentLine]) throws(EngineError) -> [UInt8] {
        guard !destination.name.contains(where: { $0 == "\"" || $0.isNewline }) else {
            throw EngineError(
                .configuration, "a VMDK cannot be named \(destination.name): choose a name without quotes")
        }
        let text = VMDKNewDescriptor(
            createType: variant, extents: extents, adapter: adapter, hardwareVersion: hardwareVersion, id: id,
            isThin: isThin && variant == "vmfs"
        ).text
        return Array(text.utf8)
    }

    // MARK: One file

    private func writeStream() async throws(EngineError) -> UInt64 {
        let text = try embedded()
        try await checkRoom(first: VMDKLayout.alignment, perGrain: VMDKLayout.grainSize + VMDKLayout.sector)
        let sink = try await destination.begin(destination.name)
        let writer = VMDKStreamWriter(to: sink, capacity: sectors, descriptor: text)
        return try await writer.write(disk, effort: effort, progress: progress)
    }

    private func writeSparse() async throws(EngineError) -> UInt64 {
        guard disk.size <= VMDKLayout.mostSparseBytes else {
            throw EngineError(
                .unsupported,
                "the disk has \(ByteCount(disk.size)), a sparse VMDK at most 2 TiB: use `twoGbMaxExtentSparse`, "
                    + "`monolithicFlat` or `streamOptimized`")
        }
        let text = try embedded()
        let writer = VMDKSparseWriter(disk: disk, descriptor: text)
        try await checkRoom(first: writer.layout.firstGrain, perGrain: VMDKLayout.grainSize)
        let sink = try await destination.begin(destination.name)
        return try await writer.write(to: sink, isStream: destination.isStream, progress: progress)
    }

    /// The descriptor within a sparse file.
    private func embedded() throws(EngineError) -> [UInt8] {
        let text = try descriptor([VMDKExtentLine(sectors: sectors, kind: .sparse, file: destination.name)])
        let room = VMDKLayout.descriptorSectors * VMDKLayout.sector
        guard UInt64(text.count) < room else {
            throw EngineError(.configuration, "a VMDK cannot be named \(destination.name): the name is too long")
        }
        return text
    }

    /// Sector numbers of 32 bits must reach the last grain.
    private func checkRoom(first: UInt64, perGrain: UInt64) async throws(EngineError) {
        let most = (VMDKLayout.mostFileBytes - first) / (perGrain + 1)
        guard disk.size / VMDKLayout.grainSize >= most else { return }
        let cursor = PieceCursor(disk, pieceSize: VMDKLayout.grainSize)
        var count: UInt64 = 0
        while try await cursor.take() != nil { count += 1 }
        guard count < most else {
            throw EngineError(
                .unsupported,
                "the disk has \(ByteCount(count * VMDKLayout.grainSize)) of data; a VMDK in one file of grains ends at "
                    + "2 TiB: use `twoGbMaxExtentSparse` or `monolithicFlat`")
        }
    }

    // MARK: Several files

    private func writeSplit() async throws(EngineError) -> UInt64 {
        let starts = stride(from: 0, to: sectors, by: Int(VMDKLayout.splitSectors))
        var lines: [VMDKExtentLine] = []
        for (index, start) in starts.enumerated() {
            let digits = String(index + 1)
            let number = String(repeating: "0", count: max(0, 3 - digits.count)) + digits
            lines.append(
                VMDKExtentLine(
                    sectors: min(VMDKLayout.splitSectors, sectors - start), kind: .sparse, file: name("-s" + number)))
        }
        guard lines.count <= VMDKLayout.mostExtents else {
            throw EngineError(.unsupported, "the disk has \(ByteCount(disk.size)), too much for files of 2 GiB")
        }
        let text = try descriptor(lines)
        var written = UInt64(text.count)
        var done: UInt64 = 0
        for line in lines {
            let part = ByteRange(start: done, count: line.sectors * VMDKLayout.sector)
            let sink = try await destination.begin(line.file)
            written += try await VMDKSparseWriter(disk: DiskWindow(disk, part), descriptor: [])
                .write(to: sink, isStream: false) { [progress] in progress(part.start + $0) }
            done = part.end
        }
        try await write(text)
        return written
    }

    /// The descriptor, and the disk's bytes as they are.
    private func writeFlat() async throws(EngineError) -> UInt64 {
        let isVMFS = variant == "vmfs"
        let line = VMDKExtentLine(
            sectors: sectors, kind: isVMFS ? .vmfs : .flat, file: name("-flat"), offset: isVMFS ? nil : 0)
        let text = try descriptor([line])
        let sink = try await destination.begin(line.file)
        try await DiskPieces(disk, progress: progress).copy(to: sink)
        try await sink.finish(size: disk.size)
        try await write(text)
        return disk.size + UInt64(text.count)
    }

    private func write(_ text: [UInt8]) async throws(EngineError) {
        let sink = try await destination.begin(destination.name)
        try await sink.write(text, at: 0)
        try await sink.finish(size: UInt64(text.count))
    }
}
