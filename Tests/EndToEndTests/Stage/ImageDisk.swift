import Glibc

/// A raw image file, written and compared without reading its holes.
struct ImageDisk: Sendable {
    let path: String

    /// Makes a sparse file of that size, or gives an existing one that size.
    init(_ path: String, size: Int) throws {
        self.path = path
        try withFile(O_RDWR | O_CREAT) { file in
            guard ftruncate(file, size) == 0 else { throw StageError("\(path) cannot have \(size) bytes") }
        }
    }

    /// An existing file.
    init(existing path: String) { self.path = path }

    var size: Int {
        get throws { try withFile(O_RDONLY) { Int(lseek($0, 0, SEEK_END)) } }
    }

    /// Writes bytes no codec makes smaller.
    func writeRandom(_ range: Range<Int>, seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        try write(range) { generator.next() }
    }

    /// Writes bytes that become about a third.
    func writeText(_ range: Range<Int>, seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        try write(range) { generator.next() & 0x0F07_000F_0300_070F | 0x6040_2060_4020_6040 }
    }

    private func write(_ range: Range<Int>, _ next: () -> UInt64) throws {
        try withFile(O_RDWR) { file in
            var offset = range.lowerBound
            while offset < range.upperBound {
                let count = min(1 << 20, range.upperBound - offset)
                let words = (0..<(count + 7) / 8).map { _ in next() }
                let written = words.withUnsafeBytes { pwrite(file, $0.baseAddress, count, offset) }
                guard written == count else { throw StageError("\(path) cannot be written at \(offset)") }
                offset += count
            }
        }
    }

    /// Writes zeros, as a guest does that wipes a file.
    func writeZeros(_ range: Range<Int>) throws {
        try write(range) { 0 }
    }

    /// Turns one bit over.
    func flipBit(at offset: Int) throws {
        try withFile(O_RDWR) { file in
            var byte: UInt8 = 0
            guard pread(file, &byte, 1, offset) == 1 else { throw StageError("\(path) has no byte \(offset)") }
            byte ^= 0x10
            guard pwrite(file, &byte, 1, offset) == 1 else { throw StageError("\(path) cannot be written") }
        }
    }

    /// Cuts the file short.
    func cut(to size: Int) throws {
        try withFile(O_RDWR) { file in
            guard ftruncate(file, size) == 0 else { throw StageError("\(path) cannot be cut") }
        }
    }

    /// Copies the file with its holes.
    func copy(to other: String) throws -> ImageDisk {
        let copy = try ImageDisk(other, size: size)
        try withFile(O_RDONLY) { source in
            try copy.withFile(O_RDWR) { target in
                for extent in Self.extents(of: source, size: try size) {
                    try Self.pieces(of: extent) { range in
                        let bytes = try read(source, range)
                        let written = bytes.withUnsafeBytes {
                            pwrite(target, $0.baseAddress, range.count, range.lowerBound)
                        }
                        guard written == range.count else { throw StageError("\(other) cannot be written") }
                    }
                }
            }
        }
        return copy
    }

    /// The first difference to another image, in words; nil when both have the same bytes.
    func difference(to other: ImageDisk) throws -> String? {
        let (mine, theirs) = (try size, try other.size)
        guard mine == theirs else { return "\(path) has \(mine) bytes, \(other.path) has \(theirs)" }
        return try withFile(O_RDONLY) { a in
            try other.withFile(O_RDONLY) { b in
                for extent in Self.extents(of: a, size: mine) + Self.extents(of: b, size: mine) {
                    var found: String?
                    try Self.pieces(of: extent) { range in
                        guard found == nil, try !areEqual(read(a, range), other.read(b, range)) else { return }
                        found = "\(path) and \(other.path) differ between \(range.lowerBound) and \(range.upperBound)"
                    }
                    if let found { return found }
                }
                return nil
            }
        }
    }

    /// Arrays compare one element after the other where nothing is optimized.
    private func areEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool { a.count == b.count && memcmp(a, b, a.count) == 0 }

    private func read(_ file: Int32, _ range: Range<Int>) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: range.count)
        let count = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress, range.count, range.lowerBound) }
        guard count == range.count else { throw StageError("\(path) cannot be read at \(range.lowerBound)") }
        return bytes
    }

    /// What is no hole.
    private static func extents(of file: Int32, size: Int) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var position = 0
        while position < size {
            let start = lseek(file, position, 3)  // SEEK_DATA
            guard start >= 0 else { break }
            position = lseek(file, start, 4)  // SEEK_HOLE
            found.append(start..<position)
        }
        return found
    }

    private static func pieces(of extent: Range<Int>, _ body: (Range<Int>) throws -> Void) rethrows {
        for start in stride(from: extent.lowerBound, to: extent.upperBound, by: 1 << 20) {
            try body(start..<min(start + 1 << 20, extent.upperBound))
        }
    }

    private func withFile<Result>(_ flags: Int32, _ body: (Int32) throws -> Result) throws -> Result {
        let file = open(path, flags | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw StageError("\(path): \(String(cString: strerror(errno)))") }
        defer { close(file) }
        return try body(file)
    }
}
