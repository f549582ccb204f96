import Synchronization

/// A sorted index run in a file of this machine, mapped into memory. Its entries have row numbers, so that a bit or a
/// number for each of them needs no table of ids.
///
/// The bytes may change under it when the disk decays: a wrong entry is then the answer, never a trap.
package final class MappedRun: Sendable {
    /// The file.
    package let path: String
    /// Every pack that has an entry.
    package let packs: [RunPack]
    /// Number of entries. An id has as many as it has copies.
    package let count: Int
    let directory: RunDirectory
    private let file: MappedFile
    /// Offset of the first entry.
    private let start: Int
    private let touched = Atomic<Int>(0)

    /// After so many look-ups, each of which brings up to two times 64 KiB into memory, the mapping is given back.
    private static let touchesBetweenTrims = 256

    init(_ file: MappedFile, head: RunHead, directory: RunDirectory) {
        self.file = file
        path = file.file.path
        packs = head.packs
        count = head.count
        start = head.size
        self.directory = directory
    }

    /// Maps the run at `path` after reading it whole once.
    /// - Throws: `.corrupt` when a byte of it is wrong, `.unsupported` for a later version; by `errno`.
    package convenience init(path: String) throws(EngineError) {
        let file = try MappedFile(path)
        let survey = try RunSurvey(of: file, what: path)
        self.init(file, head: survey.head, directory: survey.directory)
    }

    /// The first row of `id`, nil when it has none.
    package func row(of id: Digest) -> Int? {
        let rows = directory.rows(around: id, of: count)
        touch()
        let row = lowerBound(of: id, in: rows)
        return row < count && self.id(at: row) == id ? row : nil
    }

    /// All rows of `id`: one for each copy.
    package func rows(of id: Digest) -> Range<Int> {
        guard let first = row(of: id) else { return 0..<0 }
        var end = first + 1
        while end < count, self.id(at: end) == id { end += 1 }
        return first..<end
    }

    /// - Precondition: there is such a row, here and below.
    package func id(at row: Int) -> Digest {
        file.withBytes(range(of: row)) { Digest($0) }
    }

    package func entry(at row: Int) -> BlobEntry {
        let record = record(at: row)
        return record.entry(in: packs[pack(of: record)])
    }

    /// The position in `packs` of the pack that has the entry.
    package func packNumber(at row: Int) -> Int { pack(of: record(at: row)) }

    /// Calls `body` with every row, in order, and the position of its pack in `packs`. Reads ahead; leaves nothing mapped.
    package func forEach(_ body: (_ row: Int, _ entry: BlobEntry, _ packNumber: Int) -> Void) throws(EngineError) {
        var cursor = try RunCursor(self)
        while let record = cursor.record {
            let number = pack(of: record)
            body(cursor.row, record.entry(in: packs[number]), number)
            try cursor.advance()
        }
    }

    /// Reads the bytes of `rows`, which begin and end where blocks do, past the mapping.
    /// - Returns: false, without a call of `body`, when they cannot be read or are no longer those that were checked.
    func readChecked(_ rows: Range<Int>, _ body: (RawSpan) -> Void) -> Bool {
        let size = rows.count * IndexRun.entryCount
        return withUnsafeTemporaryAllocation(byteCount: size, alignment: 8) { space in
            let offset = start + rows.lowerBound * IndexRun.entryCount
            guard (try? file.file.read(into: space, at: UInt64(offset))) == size else { return false }
            let bytes = UnsafeRawBufferPointer(space)
            let blockSize = RunDirectory.blockRows * IndexRun.entryCount
            for block in 0..<(rows.count + RunDirectory.blockRows - 1) / RunDirectory.blockRows {
                let part = bytes[block * blockSize..<min((block + 1) * blockSize, size)]
                let number = rows.lowerBound / RunDirectory.blockRows + block
                let checksum = RunDirectory.checksum(UnsafeRawBufferPointer(rebasing: part).bytes)
                guard checksum == directory.checksums[number] else { return false }
            }
            body(bytes.bytes)
            return true
        }
    }

    /// Appends the bytes of up to `rows` entries from `row` on.
    func read(from row: Int, rows: Int, into buffer: Buffer) throws(EngineError) {
        let most = min(rows, count - row) * IndexRun.entryCount
        try file.read(from: start + row * IndexRun.entryCount, upTo: most, into: buffer)
        guard buffer.count >= most else { throw EngineError(.corrupt, "\(path) was cut short") }
    }

    private func record(at row: Int) -> RunRecord {
        file.withBytes(range(of: row)) { RunRecord($0, at: 0) }
    }

    private func pack(of record: RunRecord) -> Int { min(record.packNumber, packs.count - 1) }

    private func range(of row: Int) -> Range<Int> {
        precondition(row >= 0 && row < count, "no such row")
        let offset = start + row * IndexRun.entryCount
        return offset..<offset + IndexRun.entryCount
    }

    /// The first row whose id is not below `id`.
    private func lowerBound(of id: Digest, in rows: Range<Int>) -> Int {
        var (low, high) = (rows.lowerBound, rows.upperBound)
        while low < high {
            let middle = (low + high) / 2
            if self.id(at: middle) < id { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func touch() {
        if touched.add(1, ordering: .relaxed).newValue.isMultiple(of: Self.touchesBetweenTrims) { file.trim() }
    }
}
