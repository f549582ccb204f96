import Engine

/// The log of a VHDX that was not closed: what it holds may be the only good copy of the file's tables. It is replayed
/// in memory, and the file stays as it is.
final class VHDXLog {
    private let storage: any ImageStorage
    private let header: VHDXHeader
    /// Bytes that may still be looked at: damaged logs could have every sector claim to begin a long entry.
    private var budget: UInt64

    private var place: ByteRange { header.log }

    init(_ storage: any ImageStorage, _ header: VHDXHeader) {
        self.storage = storage
        self.header = header
        budget = 4 * header.log.count + (1 << 20)
    }

    /// The file as it is after replaying.
    /// - Throws: `.corrupt` when the log is damaged, or the file shorter than the log knows it.
    func replayed() async throws(EngineError) -> any ImageStorage {
        try checkPlace()
        let sequence = Self.active(try await entries(), logSize: place.count)
        guard let head = sequence.last else {
            throw EngineError(.corrupt, "\(storage.name): the log should be replayed, but no entry of it is whole")
        }
        guard head.flushedEnd <= storage.size else {
            throw EngineError(
                .corrupt,
                "\(storage.name): the file ends at \(storage.size), but had \(head.flushedEnd) bytes when its log was "
                    + "written: it is cut off")
        }
        guard head.lastEnd <= 1 << 60 else {
            throw EngineError(.corrupt, "\(storage.name): the log wants a file of \(head.lastEnd) bytes")
        }
        var changes = LoggedChanges()
        for entry in sequence.reversed() { try await collect(entry, into: &changes) }
        return ReplayedStorage(
            storage, changes: changes, log: place, size: max(storage.size, head.lastEnd))
    }

    private func checkPlace() throws(EngineError) {
        guard place.start >= VHDXLayout.headersEnd, place.start % VHDXLayout.mebibyte == 0, place.count > 0,
            place.count % VHDXLayout.mebibyte == 0, place.end <= storage.size
        else {
            throw EngineError(
                .corrupt, "\(storage.name): a log of \(place.count) bytes at \(place.start) cannot be in this file")
        }
    }

    /// Every whole entry, by its place.
    private func entries() async throws(EngineError) -> [VHDXLogEntry] {
        var found: [VHDXLogEntry] = []
        var offset: UInt64 = 0
        while offset < place.count {
            let fields = try await storage.fields(
                at: place.start + offset, count: VHDXLogEntry.headerSize, what: "the log")
            if let entry = VHDXLogEntry(fields, at: offset, logID: header.logID, logSize: place.count),
                try await isWhole(entry)
            {
                found.append(entry)
                offset += entry.length
            } else {
                offset += VHDXLogEntry.sector
            }
        }
        return found
    }

    private func isWhole(_ entry: VHDXLogEntry) async throws(EngineError) -> Bool {
        guard entry.length <= budget else {
            throw EngineError(.corrupt, "\(storage.name): the log is damaged: its entries lie over each other")
        }
        budget -= entry.length
        var crc = CRC32C()
        var wanted: UInt32 = 0
        var done: UInt64 = 0
        while done < entry.length {
            var fields = try await ring(entry.offset + done, count: min(entry.length - done, 256 << 10))
            if done == 0 {
                wanted = fields.little(VHDXLogEntry.checksumField)
                fields.setLittle(UInt32(0), at: VHDXLogEntry.checksumField)
            }
            crc.update(fields.bytes.span.bytes)
            done += UInt64(fields.bytes.count)
        }
        return crc.value == wanted
    }

    /// Bytes of the log, which goes on at its beginning where it ends.
    private func ring(_ offset: UInt64, count: UInt64) async throws(EngineError) -> ImageFields {
        let start = offset % place.count
        let first = min(count, place.count - start)
        let head = try await storage.fields(at: place.start + start, count: Int(first), what: "the log")
        guard first < count else { return head }
        let rest = try await storage.fields(at: place.start, count: Int(count - first), what: "the log")
        return ImageFields(head.bytes + rest.bytes)
    }

    /// The entries to replay, the oldest first: those from the tail of the newest entry that has all of them.
    static func active(_ entries: [VHDXLogEntry], logSize: UInt64) -> [VHDXLogEntry] {
        let byOffset = Dictionary(entries.map { ($0.offset, $0) }) { first, _ in first }
        var budget = 4 * entries.count + 16
        for head in entries.sorted(by: { $0.sequence > $1.sequence }) {
            var run: [VHDXLogEntry] = []
            var next = byOffset[head.tail]
            while let entry = next, budget > 0 {
                budget -= 1
                run.append(entry)
                if entry == head { return run }
                next = byOffset[(entry.offset + entry.length) % logSize]
                if next?.sequence != entry.sequence &+ 1 { break }
            }
        }
        return []
    }

    private func collect(_ entry: VHDXLogEntry, into changes: inout LoggedChanges) async throws(EngineError) {
        let fields = try await ring(entry.offset, count: entry.descriptorArea)
        var data: [LoggedChanges.Sector] = []
        var zeros: [ByteRange] = []
        for index in 0..<entry.descriptorCount {
            let place = VHDXLogEntry.headerSize + VHDXLogEntry.descriptorSize * index
            let offset: UInt64 = fields.little(place + 16)
            guard fields.little(place + 24) == entry.sequence, offset % VHDXLogEntry.sector == 0,
                offset <= 1 << 60
            else { throw damaged(entry) }
            if fields.has("desc", at: place) {
                let source =
                    (entry.offset + entry.descriptorArea + UInt64(data.count) * VHDXLogEntry.sector) % self.place.count
                data.append(
                    LoggedChanges.Sector(
                        offset: offset, source: source, start: fields.slice(place + 8, 8),
                        end: fields.slice(place + 4, 4)))
            } else if fields.has("zero", at: place) {
                let length: UInt64 = fields.little(place + 8)
                guard length <= 1 << 60, length % VHDXLogEntry.sector == 0 else { throw damaged(entry) }
                zeros.append(ByteRange(start: offset, count: length))
            } else {
                throw damaged(entry)
            }
        }
        guard entry.length == entry.descriptorArea + UInt64(data.count) * VHDXLogEntry.sector else {
            throw damaged(entry)
        }
        for sector in data { try await checkSector(sector, of: entry) }
        guard changes.zeros.count + zeros.count <= LoggedChanges.mostZeros else {
            throw EngineError(
                .unsupported,
                "\(storage.name): a log that clears more than \(LoggedChanges.mostZeros) places is not supported")
        }
        changes.addOlder(data, zeros)
    }

    /// A data sector carries the entry's number in halves at both ends.
    private func checkSector(_ sector: LoggedChanges.Sector, of entry: VHDXLogEntry) async throws(EngineError) {
        let fields = try await storage.fields(
            at: place.start + sector.source, count: Int(VHDXLogEntry.sector), what: "the log")
        let high: UInt32 = fields.little(4)
        let low: UInt32 = fields.little(4092)
        guard fields.has("data", at: 0), UInt64(high) << 32 | UInt64(low) == entry.sequence else {
            throw damaged(entry)
        }
    }

    private func damaged(_ entry: VHDXLogEntry) -> EngineError {
        EngineError(
            .corrupt, "\(storage.name): the log's entry \(entry.sequence) at \(place.start + entry.offset) is damaged")
    }
}
