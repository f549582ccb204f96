import Glibc

/// What a cached run needs at a start, beside it in a file of its own: its directory and its filter. Without it the whole
/// run would have to be read.
///
/// ```
/// header  40  magic 8 · bytes of the run u64 · checksum of the run u64 · blocks u64 · bytes of the filter u64
/// words    8×blocks · checksums 4×blocks · filter · xxh64 of everything before
/// ```
struct RunFilterFile {
    let directory: RunDirectory
    let filter: BlockedFilter

    private static let magic = "AHVFILT1"
    private static let headerCount = 40

    /// - Throws: by `errno`.
    func write(to path: String, for run: MappedFile) throws(EngineError) {
        var writer = ByteWriter(capacity: Self.headerCount + 12 * directory.count)
        writer.write(magic: Self.magic)
        writer.write(UInt64(run.count))
        writer.write(run.trailer)
        writer.write(UInt64(directory.count))
        writer.write(UInt64(filter.bytes.count))
        for word in directory.firstWords { writer.write(word) }
        for checksum in directory.checksums { writer.write(checksum) }
        var checksum = RunningChecksum()
        checksum.update(writer.bytes.span.bytes)
        filter.bytes.withBytes { checksum.update($0) }
        let file = try OpenFile(path, O_WRONLY | O_CREAT | O_EXCL)
        try file.write(writer.bytes.span.bytes, at: 0)
        let offset = UInt64(writer.bytes.count)
        try filter.bytes.withBytes { bytes throws(EngineError) in try file.write(bytes, at: offset) }
        var end = ByteWriter()
        end.write(checksum.value)
        try file.write(end.bytes.span.bytes, at: offset + UInt64(filter.bytes.count))
    }

    /// Reads it back; nil when it is not there, damaged, or of another run.
    init?(_ path: String, for run: MappedFile, entries: Int) {
        guard let file = try? MappedFile(path), file.count >= Self.headerCount + 8 else { return nil }
        let reader = ByteWords(file)
        guard file.withBytes(0..<8, { Array(Self.magic.utf8) == $0.withUnsafeBytes { Array($0) } }),
            reader.word(at: 8) == UInt64(run.count), reader.word(at: 16) == run.trailer
        else { return nil }
        let blocks = (entries + RunDirectory.blockRows - 1) / RunDirectory.blockRows
        let words = Self.headerCount..<Self.headerCount + 8 * blocks
        let sums = words.upperBound..<words.upperBound + 4 * blocks
        guard reader.word(at: 24) == UInt64(blocks), file.count > sums.upperBound + 8 else { return nil }
        let filterCount = file.count - 8 - sums.upperBound
        guard reader.word(at: 32) == UInt64(filterCount), filterCount.isMultiple(of: 64) else { return nil }
        guard Self.checksum(file) == file.trailer else { return nil }
        directory = RunDirectory(
            firstWords: reader.words(in: words, of: UInt64.self), checksums: reader.words(in: sums, of: UInt32.self))
        let bytes = Buffer(capacity: filterCount)
        guard (try? file.read(from: sums.upperBound, upTo: filterCount, into: bytes)) != nil,
            bytes.count == filterCount
        else { return nil }
        filter = BlockedFilter(bytes)
    }

    init(directory: RunDirectory, filter: BlockedFilter) {
        self.directory = directory
        self.filter = filter
    }

    private static func checksum(_ file: MappedFile) -> UInt64? {
        let buffer = Buffer(capacity: 1 << 20)
        var checksum = RunningChecksum()
        var offset = 0
        while offset < file.count - 8 {
            buffer.removeAll()
            let piece = min(buffer.capacity, file.count - 8 - offset)
            guard (try? file.read(from: offset, upTo: piece, into: buffer)) != nil, buffer.count == piece else {
                return nil
            }
            buffer.withBytes { checksum.update($0) }
            offset += piece
        }
        return checksum.value
    }

    /// Little-endian numbers of a file.
    private struct ByteWords {
        let file: MappedFile

        init(_ file: MappedFile) { self.file = file }

        func word(at offset: Int) -> UInt64 { words(in: offset..<offset + 8, of: UInt64.self)[0] }

        func words<N: FixedWidthInteger & BitwiseCopyable>(in range: Range<Int>, of type: N.Type) -> [N] {
            file.withBytes(range) { bytes in
                (0..<range.count / MemoryLayout<N>.size).map {
                    N(
                        littleEndian: bytes.unsafeLoadUnaligned(
                            fromByteOffset: $0 * MemoryLayout<N>.size, as: N.self))
                }
            }
        }
    }
}
