import Glibc
import Testing

@testable import Engine

@Suite("Writing past the page cache")
struct DirectFileTests {
    private func random(_ count: Int) -> Buffer {
        var generator = SeededGenerator(seed: 1)
        let words = (0..<(count + 7) / 8).map { _ in generator.next() }
        return Buffer(words.withUnsafeBytes { Array($0.prefix(count)) })
    }

    /// Writes a part of a buffer as a caller does; returns what the file holds then and how much went directly.
    private func written(_ buffer: Buffer, _ range: Range<Int>, at offset: UInt64) throws -> ([UInt8], Int) {
        let path = "/tmp/ahvault-direct-" + RandomName.make()
        let file = try OpenFile(path, O_RDWR | O_CREAT | O_EXCL)
        defer { unlink(path) }
        try file.resize(to: offset + UInt64(range.count))
        let direct = DirectFile(path)
        let done = try buffer.withBytes(range) { bytes throws(EngineError) in
            let done = try direct?.write(bytes, at: offset) ?? 0
            try file.write(bytes.extracting(done..<bytes.byteCount), at: offset + UInt64(done))
            return done
        }
        try file.synchronize()
        let output = Buffer(capacity: range.count)
        try output.append(upTo: range.count) { space throws(EngineError) in try file.read(into: space, at: offset) }
        return (output.array, done)
    }

    @Test(
        "bytes arrive whole whatever their size, their memory and their place",
        arguments: [
            (0, 1 << 20, 0), (0, (1 << 20) + 517, 8192), (512, 1 << 20, 0), (0, 1 << 20, 512), (4096, 300_000, 4096),
        ])
    func whole(start: Int, count: Int, offset: Int) throws {
        let buffer = random(start + count)
        let (bytes, done) = try written(buffer, start..<(start + count), at: UInt64(offset))
        #expect(bytes == Array(buffer.array[start...]))
        #expect(done % 4096 == 0)
        if start % 4096 != 0 || offset % 4096 != 0 { #expect(done == 0) }
    }

    @Test("short writes take the usual way")
    func short() throws {
        let buffer = random(DirectFile.least - 1)
        #expect(try written(buffer, 0..<buffer.count, at: 0).1 == 0)
    }

    @Test("a file that is not there has no second way")
    func missing() {
        if let file = DirectFile("/tmp/ahvault-direct-" + RandomName.make()) {
            Issue.record("a way to a file that is not there")
            _ = consume file
        }
    }
}
