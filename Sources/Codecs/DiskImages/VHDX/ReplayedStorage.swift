import Engine

/// A file as it is after its log was replayed.
struct ReplayedStorage: ImageStorage {
    let size: UInt64
    private let file: any ImageStorage
    private let changes: LoggedChanges
    private let log: ByteRange

    /// - Parameters: the log's place in the file, and the file's size after replaying.
    init(_ file: any ImageStorage, changes: LoggedChanges, log: ByteRange, size: UInt64) {
        self.file = file
        self.changes = changes
        self.log = log
        self.size = size
    }

    var name: String { file.name }

    func related(_ path: String) async throws(EngineError) -> any ImageStorage { try await file.related(path) }

    func extents(in range: ByteRange) async throws(EngineError) -> [DiskExtent] {
        var list = ExtentList()
        let real = range.intersection(ByteRange(0, file.size))
        if let real {
            if changes.touches(range) {
                list.append(real, isZero: false)
            } else {
                list.append(try await file.extents(in: real), from: real.start, at: real.start)
            }
        }
        list.append(ByteRange(real?.end ?? range.start, range.end), isZero: !changes.touches(range))
        return list.extents
    }

    func read(_ range: ByteRange, into output: Buffer) async throws(EngineError) {
        let base = output.count
        let real = range.intersection(ByteRange(0, file.size))
        if let real { try await file.read(real, into: output) }
        output.appendZeros(Int(range.count) - (output.count - base))
        guard changes.touches(range) else { return }
        clear(range, in: output, at: base)
        var offset = range.start / VHDXLogEntry.sector * VHDXLogEntry.sector
        while offset < range.end {
            if let sector = changes.sectors[offset] { try await put(sector, range, in: output, at: base) }
            offset += VHDXLogEntry.sector
        }
    }

    private func clear(_ range: ByteRange, in output: Buffer, at base: Int) {
        var index = changes.firstZero(endingAfter: range.start)
        while index < changes.zeros.count, let part = changes.zeros[index].intersection(range) {
            let zeros = [UInt8](repeating: 0, count: Int(part.count))
            output.overwrite(at: base + Int(part.start - range.start), with: zeros.span.bytes)
            index += 1
        }
    }

    private func put(
        _ sector: LoggedChanges.Sector, _ range: ByteRange, in output: Buffer, at base: Int
    ) async throws(EngineError) {
        var fields = try await file.fields(
            at: log.start + sector.source, count: Int(VHDXLogEntry.sector), what: "the log")
        fields.set(sector.start, at: 0)
        fields.set(sector.end, at: Int(VHDXLogEntry.sector) - sector.end.count)
        guard let part = range.intersection(ByteRange(start: sector.offset, count: VHDXLogEntry.sector)) else { return }
        let skip = Int(part.start - sector.offset)
        output.overwrite(
            at: base + Int(part.start - range.start),
            with: fields.bytes.span.bytes.extracting(skip..<(skip + Int(part.count))))
    }
}
