import Engine
import Glibc

/// A checksum for each 64 KiB block of a disk, in a file that is as sparse as the disk.
///
/// Layout, little-endian: 4 KiB of header (`AHVHASH1`, disk size, capture id, XXH64 of these), then eight bytes a
/// block: 0 a hole, 1 zeros, else the block's XXH64. The header is written last, over a durable rest: a file with a
/// header is complete.
final class HashFile: Sendable {
    private let file: OpenFile

    private static let magic = "AHVHASH1"
    private static let headerSize: UInt64 = 4096
    static let hole: UInt64 = 0
    static let zeros: UInt64 = 1

    var path: String { file.path }

    private init(_ file: consuming OpenFile) { self.file = file }

    /// An empty file for a disk of `size` bytes.
    static func create(_ path: String, size: UInt64) throws(EngineError) -> HashFile {
        let file = HashFile(try OpenFile(path, O_RDWR | O_CREAT | O_EXCL))
        let blocks = (size + UsedBlocks.blockSize - 1) / UsedBlocks.blockSize
        try file.file.resize(to: headerSize + 8 * blocks)
        return file
    }

    /// A complete file of the capture `id` and a disk of `size` bytes, or why there is none.
    static func open(_ path: String, capture id: String, size: UInt64) throws(EngineError) -> Opened {
        let file: HashFile
        do {
            file = HashFile(try OpenFile(path, O_RDONLY))
        } catch  where error.kind == .notFound {
            return .absent("what `scan` remembered of the last backup is gone")
        }
        guard let header = try file.header() else {
            return .absent("what `scan` remembered of the last backup is damaged (\(path))")
        }
        guard header.capture == id else { return .absent("what `scan` remembers belongs to another backup") }
        guard header.size == size else { return .absent("the disk has another size than at the last backup") }
        return .found(file)
    }

    enum Opened: Sendable {
        case found(HashFile)
        case absent(String)
    }

    /// The entries of `count` blocks from the block `first` on.
    func entries(from first: UInt64, count: Int) throws(EngineError) -> [UInt64] {
        var entries = [UInt64](repeating: Self.hole, count: count)
        var failure: EngineError?
        entries.withUnsafeMutableBytes { space in
            do throws(EngineError) {
                _ = try file.read(into: space, at: Self.headerSize + 8 * first)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return entries.map { UInt64(littleEndian: $0) }
    }

    func set(_ entries: [UInt64], from first: UInt64) throws(EngineError) {
        let words = entries.map(\.littleEndian)
        try file.write(words.span.bytes, at: Self.headerSize + 8 * first)
    }

    /// The first block at or after `first` whose entry may be something else than a hole; nil when there is none.
    func nextEntry(from first: UInt64) throws(EngineError) -> UInt64? {
        guard let data = try file.nextData(from: Self.headerSize + 8 * first) else { return nil }
        return max(first, (data.start - Self.headerSize) / 8)
    }

    /// Makes the file complete and gives it its final name, in the place of the one before.
    func complete(as path: String, capture id: String, size: UInt64) throws(EngineError) {
        try file.synchronize()
        var header = ByteWriter(capacity: 64)
        header.write(magic: Self.magic)
        header.write(size)
        header.write(Array(id.utf8))
        header.write(Checksum.xxh64(header.bytes.span.bytes))
        try file.write(header.bytes.span.bytes, at: 0)
        try file.synchronize()
        guard rename(file.path, path) == 0 else { throw .system("rename to", path) }
        try OpenFile.synchronizeFolder(Folder.parent(of: path))
    }

    func remove() throws(EngineError) { try Folder.remove(path) }

    /// The checksum of one block's bytes.
    static func entry(of block: RawSpan) -> UInt64 {
        if ZeroScan.isZero(block) { return zeros }
        let hash = Checksum.xxh64(block)
        return hash > zeros ? hash : hash + 2
    }

    /// Whether two entries stand for the same bytes.
    static func isSame(_ a: UInt64, _ b: UInt64) -> Bool { a == b || (a <= zeros && b <= zeros) }

    private func header() throws(EngineError) -> (size: UInt64, capture: String)? {
        let buffer = Buffer(capacity: 56)
        try buffer.append(upTo: 56) { space throws(EngineError) in try file.read(into: space, at: 0) }
        return buffer.withBytes { bytes in
            guard bytes.byteCount == 56 else { return nil }
            var reader = ByteReader(bytes, what: path)
            guard (try? reader.expect(magic: Self.magic)) != nil, let size = try? reader.read(UInt64.self),
                (try? reader.skip(32)) != nil, let sum = try? reader.read(UInt64.self),
                sum == Checksum.xxh64(bytes.extracting(0..<48))
            else { return nil }
            let capture = bytes.extracting(16..<48).withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            return (size, capture)
        }
    }
}
