import Synchronization
import Testing

@testable import Engine

@Suite("Requests wait in line")
struct LimitedTargetTests {
    /// Lets others run until `isDone`; a test that waits for ever is ended by its time limit.
    private func wait(until isDone: () -> Bool) async {
        while !isDone() { await Task.yield() }
    }

    @Test("no more requests than allowed are at the target at once", .timeLimit(.minutes(20)))
    func limit() async throws {
        let held = HeldTarget(MemoryTarget(MemoryStore()))
        let target = LimitedTarget(held, requests: 3)
        try await target.open()
        #expect(target.capabilities.parallelism == 3)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                group.addTask { try await target.put(ObjectKey("object/\(number)"), Buffer([1])) }
            }
            await wait { held.crowd.now == 3 }
            held.crowd.gate.letPass()
            try await group.waitForAll()
        }
        #expect(held.crowd.most == 3)
        #expect(try await target.list(prefix: "object/").count == 20)
    }

    @Test("who is cancelled in line leaves it at once, and nobody loses a place by it", .timeLimit(.minutes(20)))
    func cancellation() async throws {
        let held = HeldTarget(MemoryTarget(MemoryStore()))
        let target = LimitedTarget(held, requests: 1)
        try await target.open()
        let first = Task { try await target.put(ObjectKey("first"), Buffer([1])) }
        await wait { held.crowd.now == 1 }
        for number in 0..<10 {
            let waiting = Task { try await target.put(ObjectKey("waiting/\(number)"), Buffer([1])) }
            for _ in 0..<(number % 5) { await Task.yield() }
            waiting.cancel()
            let error = await #expect(throws: EngineError.self) { try await waiting.value }
            #expect(error?.kind == .cancelled)
        }
        held.crowd.gate.letPass()
        try await first.value
        try await target.put(ObjectKey("last"), Buffer([1]))
        #expect(try await target.list(prefix: "").map(\.key.text) == ["first", "last"])
    }

    @Test("a request that fails gives its place back")
    func failure() async throws {
        let target = LimitedTarget(FaultyTarget(MemoryTarget(MemoryStore()), [.init(.put, times: 9)]), requests: 1)
        try await target.open()
        for _ in 0..<9 {
            await #expect(throws: EngineError.self) { try await target.put(ObjectKey("a"), Buffer([1])) }
        }
        try await target.put(ObjectKey("a"), Buffer([1]))
    }

    @Test("first come, first served", .timeLimit(.minutes(20)))
    func order() async throws {
        let line = WaitingLine(places: 1)
        let gate = Gate()
        let served = Served()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await line.pass { () throws(EngineError) in await gate.passed() } }
            await gate.reached()
            for number in 1...10 {
                group.addTask {
                    try await line.pass { () throws(EngineError) in served.numbers.withLock { $0.append(number) } }
                }
                await wait { line.count == number }
            }
            gate.letPass()
            try await group.waitForAll()
        }
        #expect(served.numbers.withLock { $0 } == Array(1...10))
    }
}

private final class Served: Sendable {
    let numbers = Mutex<[Int]>([])
}
