import Engine
import EngineContracts
import Synchronization
import Testing

@testable import Targets

@Suite("Parts of uploads are sent")
struct PartStreamTests {
    /// Keeps parts in memory, and fails as it is told.
    private final class Place: PartPlace {
        struct State {
            var parts: [Int: [UInt8]] = [:]
            var begun = 0
            var flying = 0
            var most = 0
            /// How often the part of a number fails yet.
            var failures: [Int: Int] = [:]
            var beginFailures = 0
        }

        let state = Mutex(State())
        private static let broken = EngineError(.unreachable, "broken", isRetryable: true)

        func begin() async throws(EngineError) {
            let fails = state.withLock { state in
                state.begun += 1
                state.beginFailures -= 1
                return state.beginFailures >= 0
            }
            if fails { throw Self.broken }
        }

        func put(_ part: UploadPart) async throws(EngineError) -> Int {
            state.withLock { state in
                state.flying += 1
                state.most = max(state.most, state.flying)
            }
            defer { state.withLock { $0.flying -= 1 } }
            for _ in 0..<20 { await Task.yield() }
            let bytes = part.content.withBytes(part.range) { span in span.withUnsafeBytes { Array($0) } }
            let fails = state.withLock { state in
                state.failures[part.number, default: 0] -= 1
                guard state.failures[part.number, default: 0] < 0 else { return true }
                state.parts[part.offset] = bytes
                return false
            }
            if fails { throw Self.broken }
            return part.number
        }

        var content: [UInt8] { state.withLock { $0.parts.sorted { $0.key < $1.key }.flatMap(\.value) } }
    }

    private let place = Place()
    private let bytes = SampleBytes.random(10_500, seed: 1)

    private func stream(atOnce: Int = 3) -> PartStream<Place> {
        PartStream(to: place, PartSizes(all: 1000), what: "put it", atOnce: atOnce)
    }

    private func append(_ stream: PartStream<Place>, by piece: Int) async throws {
        let content = Buffer(bytes)
        for start in stride(from: 0, to: bytes.count, by: piece) {
            let range = start..<min(start + piece, bytes.count)
            while true {
                do {
                    try await stream.append(content, range)
                    break
                } catch {
                    guard error.isRetryable else { throw error }
                }
            }
        }
    }

    @Test("pieces of any size become parts of one size, in order", arguments: [1, 999, 1000, 1001, 7000, 20_000])
    func pieces(piece: Int) async throws {
        let stream = stream()
        try await append(stream, by: piece)
        #expect(try await stream.finish() == Array(1...11))
        #expect(place.content == bytes)
        #expect(stream.count == bytes.count)
        #expect(place.state.withLock { $0.begun } == 1)
    }

    @Test("no more parts are in flight than may be", arguments: [1, 2, 5])
    func flights(atOnce: Int) async throws {
        let stream = stream(atOnce: atOnce)
        try await append(stream, by: 300)
        _ = try await stream.finish()
        #expect(place.state.withLock { $0.most } <= atOnce)
        #expect(place.content == bytes)
    }

    @Test("parts that failed are sent again by the next calls, and no byte is lost or doubled", arguments: [700, 4000])
    func failures(piece: Int) async throws {
        place.state.withLock { state in
            state.beginFailures = 2
            state.failures = [1: 1, 2: 3, 5: 2, 9: 1, 11: 2]
        }
        let stream = stream()
        try await append(stream, by: piece)
        var receipts: [Int]?
        while receipts == nil {
            do {
                receipts = try await stream.finish()
            } catch {
                #expect(error.isRetryable)
            }
        }
        #expect(receipts == Array(1...11))
        #expect(place.content == bytes)
        #expect(try await stream.finish() == Array(1...11))
    }

    @Test("what fits into one part is not sent, and can be had")
    func small() async throws {
        let stream = stream()
        try await stream.append(Buffer(bytes), 0..<1000)
        #expect(!stream.isBegun)
        #expect(stream.unsent?.array == Array(bytes.prefix(1000)))
        try await stream.append(Buffer(bytes), 1000..<1001)
        #expect(stream.isBegun)
    }

    @Test("a lent buffer goes in parts too")
    func lend() async throws {
        let stream = stream()
        try await stream.lend(Buffer(bytes))
        #expect(try await stream.finish().count == 11)
        #expect(place.content == bytes)
    }

    @Test("more parts than a place takes are refused for good")
    func tooMany() async throws {
        let stream = PartStream(to: place, PartSizes(first: 10, most: 3, reach: 30), what: "put it", atOnce: 2)
        let content = Buffer(bytes)
        try await stream.append(content, 0..<70)
        let error = await #expect(throws: EngineError.self) { try await stream.append(content, 70..<200) }
        #expect(error?.kind == .unsupported && error?.isRetryable == false)
        #expect(error?.message.contains("put it") == true)
        await stream.stop()
        #expect(place.content == Array(bytes.prefix(70)))
    }
}
