import Codecs
import EngineContracts
import Glibc
import Testing

@testable import Engine

@Suite("What is written past the page cache while the next is gathered")
struct WriteBehindTests {
    private let folder = ScratchFolder()

    init() { mkdir(folder.path, 0o700) }

    @Test("any writes at any offsets, also over each other, are in the file in their order", arguments: 0..<12)
    func order(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let path = folder.path + "/file"
        let file = ImageFile(try OpenFile(path, O_RDWR | O_CREAT), isDurable: seed % 3 != 0)
        let behind = WriteBehind(file)
        var model = [UInt8](repeating: 0, count: 40 << 20)
        var end = 0
        for step in 0..<60 {
            let count = Int.random(in: 1...(step % 4 == 0 ? 3 << 20 : 200_000), using: &random)
            // Mostly on from the last one, some behind a gap, some back.
            let place = [end, end, end, end + count / 3, end / 2].randomElement(using: &random) ?? end
            guard place + count + 7 < model.count else { continue }
            let bytes = SampleBytes.random(count + 7, seed: seed * 1000 + UInt64(step))
            try await behind.write(Buffer(bytes), 7..<(count + 7), at: UInt64(place))
            model.replaceSubrange(place..<(place + count), with: bytes[7...])
            end = max(end, place + count)
            if step % 17 == 16 { try await behind.settle() }
        }
        try await behind.settle()
        let found = Buffer(capacity: end)
        try found.append(upTo: end) { space throws(EngineError) in try file.file.read(into: space, at: 0) }
        #expect(found.array == Array(model[..<end]))
    }

    @Test("a write that fails is told at the latest when everything is to be there")
    func failure() async throws {
        let path = folder.path + "/file"
        close(open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600))
        let behind = WriteBehind(ImageFile(try OpenFile(path, O_RDONLY), isDurable: true))
        await #expect(throws: EngineError.self) {
            let bytes = Buffer(SampleBytes.random(100, seed: 1))
            for step in 0..<3 { try await behind.write(bytes, 0..<100, at: UInt64(step) * 1_000_000) }
            try await behind.settle()
        }
    }
}
