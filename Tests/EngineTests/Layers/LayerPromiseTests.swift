import EngineContracts
import Logging
import Synchronization
import Testing

@testable import Engine

@Suite("What each layer does")
struct LayerPromiseTests {
    private let store = MemoryStore()
    private let memory: MemoryTarget
    private let key: ObjectKey

    init() async throws {
        memory = MemoryTarget(store)
        key = try ObjectKey("packs/object")
        try await memory.open()
    }

    @Test("read-only: everything is read, nothing changed, and the refusal names the layer")
    func readOnly() async throws {
        store[key] = [1, 2]
        let target = ReadOnlyTarget(memory)
        #expect(try await target.get(key, limit: 10).array == [1, 2])
        #expect(try await target.list(prefix: "").count == 1)
        let put = await #expect(throws: EngineError.self) { try await target.put(ObjectKey("new"), Buffer([1])) }
        let delete = await #expect(throws: EngineError.self) { try await target.delete(key) }
        for error in [put, delete] {
            #expect(error?.kind == .denied)
            #expect(error?.isRetryable == false)
            #expect(error?.message.contains("the layer `read-only`") == true)
        }
        #expect(try await target.sweep() == 0)
        #expect(store.keys == [key])
    }

    @Test("counting: requests, bytes, seconds and failures by kind of call")
    func counting() async throws {
        let clock = ManualClock()
        let slow = DelayedTarget(memory, .milliseconds(250), clock: clock.clock)
        let target = CountingTarget(slow, clock: clock.clock)
        try await target.put(key, Buffer([1, 2, 3]))
        for _ in 0..<2 { _ = try await target.get(key, limit: 10) }
        await #expect(throws: EngineError.self) { try await target.put(key, Buffer([1])) }
        let tally = target.tally
        #expect(tally.calls == [.put: 2, .get: 2, .size: 2])
        #expect(tally.failures == [.put: 1])
        #expect(tally.seconds == [.put: 0.5, .get: 0.5, .size: 0.5])
        #expect(tally.bytesPut == 3 && tally.bytesGot == 6)
        #expect(
            tally.lines == [
                "put: 2 requests, 3 B, 500 ms in all, 1 failed", "get: 2 requests, 6 B, 500 ms in all",
                "size: 2 requests, 500 ms in all",
            ])
    }

    @Test("logging: one line a request at debug level, with key, size and outcome, and nothing of the content")
    func logging() async throws {
        let lines = Mutex<[String]>([])
        let logger = Logger(label: "test") { _ in
            LineLog { line in lines.withLock { $0.append(line) } }
        }
        let target = CountingTarget(memory, clock: ManualClock().clock, logger: logger)
        try await target.put(key, Buffer(Array("hush".utf8)))
        _ = try await target.get(key, limit: 10)
        await #expect(throws: EngineError.self) { try await target.put(key, Buffer([1])) }
        await target.close()
        let written = lines.withLock { $0 }
        #expect(
            written == [
                "debug: put packs/object 4 bytes in 0 ms", "debug: size packs/object in 0 ms",
                "debug: get packs/object 0..<4 in 0 ms", "debug: put packs/object 1 bytes in 0 ms: alreadyExists",
                "info: put: 2 requests, 4 B, 0 ms in all, 1 failed", "info: get: 1 requests, 4 B, 0 ms in all",
                "info: size: 1 requests, 0 ms in all",
            ])
    }

    @Test("drill-fail: each call of so many fails, of the chosen kind and names")
    func failing() async throws {
        let fault = FaultyTarget.Fault(.put, first: 2, times: 2, every: 3, prefix: "packs/")
        let target = FaultyTarget(memory, [fault])
        var failed: [Int] = []
        for number in 1...12 {
            try await target.put(ObjectKey("index/\(number)"), Buffer([1]))
            do { try await target.put(ObjectKey("packs/\(number)"), Buffer([1])) } catch { failed.append(number) }
        }
        #expect(failed == [2, 5])
    }

    @Test("drill-delay: every call waits before it goes on")
    func delaying() async throws {
        let clock = ManualClock()
        let target = DelayedTarget(memory, .milliseconds(200), clock: clock.clock)
        try await target.put(key, Buffer([1]))
        _ = try await target.list(prefix: "")
        #expect(clock.sleeps == [.milliseconds(200), .milliseconds(200)])
    }

    @Test("drill-cut: a put that is cut while it is sent leaves nothing, one whose answer is lost leaves the object")
    func cutting() async throws {
        for (moment, isThere) in [(CuttingTarget.Moment.sending, false), (.sent, true)] {
            let target = CuttingTarget(memory, every: 1, after: moment)
            let key = try ObjectKey("cut/\(moment.rawValue)")
            let error = await #expect(throws: EngineError.self) { try await target.put(key, Buffer([1, 2])) }
            #expect(error?.kind == .unreachable)
            #expect(error?.isRetryable == true)
            #expect((store[key] != nil) == isThere)
        }
        store[key] = [1, 2]
        let output = Buffer(capacity: 10)
        await #expect(throws: EngineError.self) {
            try await CuttingTarget(memory, every: 1, after: .sent).get(key, nil, into: output)
        }
        #expect(output.count == 0)
    }

    @Test("drill-late-listing: an object can be read at once, and is listed when it has its age")
    func lateListing() async throws {
        let target = LateListingTarget(memory, seconds: 30)
        try await target.put(key, Buffer([1]))
        #expect(try await target.get(key, limit: 10).array == [1])
        #expect(try await target.list(prefix: "").isEmpty)
        let old = try ObjectKey("old")
        store.moveClock(seconds: -60)
        try await target.put(old, Buffer([1]))
        #expect(try await target.list(prefix: "").map(\.key) == [old])
    }
}

/// Hands each line of a log on.
private struct LineLog: LogHandler {
    let say: @Sendable (String) -> Void
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]

    init(_ say: @escaping @Sendable (String) -> Void) { self.say = say }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { say("\(event.level): \(event.message)") }
}
