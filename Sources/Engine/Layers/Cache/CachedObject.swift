import Glibc

/// The copy of an object in a file, checked whenever it is read.
///
/// ```
/// head    32   magic 8 `AHVCOPY1` · bytes of the object u64 · xxh64 of its key u64 · xxh64 of these 24 and the table
/// table   8×n  xxh64 of each block of 64 KiB
/// content      the object
/// ```
///
/// All numbers little-endian. Crash story: files get their name when they are whole, but nothing makes them durable. One
/// that a crash of the machine left with other bytes than these does not fit its checksums, and is fetched again.
struct CachedObject {
    private static let magic = "AHVCOPY1"
    private static let headCount = 32
    private static let block = 64 << 10

    let path: String
    let key: ObjectKey

    /// Bytes of the file of an object.
    static func fileSize(of count: Int) -> Int { headCount + 8 * blocks(count) + count }

    private static func blocks(_ count: Int) -> Int { (count + block - 1) / block }

    /// Writes the file beside its place and then moves it there; others see the whole file or none.
    func write(_ bytes: RawSpan, temporary: String, usedAt now: Timestamp) throws(EngineError) {
        var table = ByteWriter(capacity: 8 * Self.blocks(bytes.byteCount))
        for start in stride(from: 0, to: bytes.byteCount, by: Self.block) {
            let end = min(start + Self.block, bytes.byteCount)
            table.write(Checksum.xxh64(bytes.extracting(start..<end)))
        }
        var head = ByteWriter(capacity: Self.headCount + table.bytes.count)
        head.write(magic: Self.magic)
        head.write(UInt64(bytes.byteCount))
        head.write(keySum)
        let covered = head.bytes + table.bytes
        head.write(Checksum.xxh64(covered.span.bytes))
        head.write(table.bytes)
        do throws(EngineError) {
            let file = try OpenFile(temporary, O_WRONLY | O_CREAT | O_EXCL)
            try file.write(head.bytes.span.bytes, at: 0)
            try file.write(bytes, at: UInt64(head.bytes.count))
            Self.setTime(of: file, now)
            guard rename(temporary, path) == 0 else { throw .system("replace", path) }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    /// Appends the bytes of `range`, or all, to `output`, when the file is there and they fit their checksums.
    /// - Returns: false when there is no copy, or none of these bytes; nothing is appended then.
    /// - Throws: `.corrupt` when what is there is damaged.
    func read(_ range: Range<Int>?, into output: Buffer, usedAt now: Timestamp) throws(EngineError) -> Bool {
        let file: OpenFile
        do throws(EngineError) {
            file = try OpenFile(path, O_RDONLY)
        } catch {
            if error.kind == .notFound { return false }
            throw error
        }
        let (count, sums) = try readHead(of: file)
        let wanted = range ?? 0..<count
        guard wanted.lowerBound >= 0, wanted.upperBound <= count, wanted.count <= output.room else { return false }
        if !wanted.isEmpty {
            try append(wanted, of: count, sums, from: file, to: output)
        }
        noteUse(of: file, at: now)
        return true
    }

    private var keySum: UInt64 { Checksum.xxh64(Array(key.text.utf8).span.bytes) }

    private func damage(_ what: String) -> EngineError { EngineError(.corrupt, "the copy \(path): \(what)") }

    /// What the head and the table say.
    private func readHead(of file: borrowing OpenFile) throws(EngineError) -> (count: Int, sums: [UInt64]) {
        let size = Int(try file.status().st_size)
        let head = try read(0..<min(Self.headCount, size), of: file)
        let (count, sum) = try head.withBytes { bytes throws(EngineError) in
            var reader = ByteReader(bytes, what: path)
            try reader.expect(magic: Self.magic)
            let count = Int(clamping: try reader.read(UInt64.self))
            guard try reader.read(UInt64.self) == keySum else { throw damage("it is of another object") }
            return (count, try reader.read(UInt64.self))
        }
        guard count <= size, Self.fileSize(of: count) == size else { throw damage("its size is wrong") }
        let table = try read(Self.headCount..<(Self.headCount + 8 * Self.blocks(count)), of: file)
        let covered = head.array.dropLast(8) + table.array
        guard Checksum.xxh64(Array(covered).span.bytes) == sum else { throw damage("its head is wrong") }
        return try table.withBytes { bytes throws(EngineError) in
            var reader = ByteReader(bytes, what: path)
            var sums: [UInt64] = []
            for _ in 0..<Self.blocks(count) { sums.append(try reader.read(UInt64.self)) }
            return (count, sums)
        }
    }

    private func append(
        _ wanted: Range<Int>, of count: Int, _ sums: [UInt64], from file: borrowing OpenFile, to output: Buffer
    ) throws(EngineError) {
        let content = Self.headCount + 8 * sums.count
        let first = wanted.lowerBound / Self.block
        let last = (wanted.upperBound - 1) / Self.block
        let covered = (first * Self.block)..<min((last + 1) * Self.block, count)
        let bytes = try read((content + covered.lowerBound)..<(content + covered.upperBound), of: file)
        for number in first...last {
            let start = number * Self.block - covered.lowerBound
            let range = start..<min(start + Self.block, covered.count)
            guard bytes.withBytes(range, { Checksum.xxh64($0) }) == sums[number] else {
                throw damage("its block \(number) is wrong")
            }
        }
        let start = wanted.lowerBound - covered.lowerBound
        bytes.withBytes(start..<(start + wanted.count)) { output.append($0) }
    }

    private func read(_ range: Range<Int>, of file: borrowing OpenFile) throws(EngineError) -> Buffer {
        let buffer = Buffer(capacity: max(1, range.count))
        try buffer.append(upTo: range.count) { space throws(EngineError) in
            try file.read(into: space, at: UInt64(range.lowerBound))
        }
        guard buffer.count == range.count else { throw damage("it is too short") }
        return buffer
    }

    /// The file's time of change says when it was last used; a minute more or less does not matter.
    private func noteUse(of file: borrowing OpenFile, at now: Timestamp) {
        guard let status = try? file.status(), abs(now.milliseconds / 1000 - Int64(status.st_mtim.tv_sec)) >= 60 else {
            return
        }
        Self.setTime(of: file, now)
    }

    private static func setTime(of file: borrowing OpenFile, _ time: Timestamp) {
        let moment = timespec(tv_sec: Int(time.milliseconds / 1000), tv_nsec: Int(time.milliseconds % 1000) * 1_000_000)
        futimens(file.descriptor, [moment, moment])
    }
}
