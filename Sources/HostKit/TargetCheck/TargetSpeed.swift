import Engine
import EngineContracts

/// How fast a target is: small requests one after the other, then large objects as many at once as it serves well.
struct TargetSpeed: Sendable {
    private static let rounds = 30
    private static let smallCount = 4 << 10
    /// As a data pack.
    private static let largeCount = 16 << 20

    private let target: any Target
    private let prefix = "contract/\(RandomName.make())/"

    init(_ target: any Target) { self.target = target }

    func measure() async throws(EngineError) -> TargetCheckReport.Measurement {
        let latency = try await latency()
        return TargetCheckReport.Measurement(latency: latency, throughput: try await throughput())
    }

    private func latency() async throws(EngineError) -> [TargetCheckReport.Latency] {
        let content = Buffer(SampleBytes.random(Self.smallCount, seed: 1))
        let output = Buffer(capacity: Self.smallCount)
        var times: [TargetCall: [Duration]] = [:]
        func timed(_ call: TargetCall, _ body: () async throws(EngineError) -> Void) async throws(EngineError) {
            let start = ContinuousClock.now
            try await body()
            times[call, default: []].append(ContinuousClock.now - start)
        }
        for round in 0..<Self.rounds {
            guard !Task.isCancelled else { throw EngineError(.cancelled, "cancelled") }
            let key = try ObjectKey("\(prefix)small/\(round)")
            output.removeAll()
            try await timed(.put) { () throws(EngineError) in try await target.put(key, content) }
            try await timed(.get) { () throws(EngineError) in
                try await target.get(key, 0..<Self.smallCount, into: output)
            }
            try await timed(.size) { () throws(EngineError) in _ = try await target.size(of: key) }
            try await timed(.list) { () throws(EngineError) in _ = try await target.list(prefix: key.text) }
            try await timed(.delete) { () throws(EngineError) in try await target.delete(key) }
        }
        return [.put, .get, .size, .list, .delete].map { TargetCheckReport.Latency($0, times[$0] ?? []) }
    }

    private func throughput() async throws(EngineError) -> TargetCheckReport.Throughput {
        let count = min(max(target.capabilities.parallelism, 1), 8)
        let keys = try (0..<count).map { number throws(EngineError) in try ObjectKey("\(prefix)large/\(number)") }
        let content = Buffer(SampleBytes.random(Self.largeCount, seed: 2))
        let (target, size) = (target, Self.largeCount)
        let start = ContinuousClock.now
        _ = try await target.together(keys) { key in try await target.put(key, content) }
        let middle = ContinuousClock.now
        _ = try await target.together(keys) { key in
            let output = Buffer(capacity: size)
            try await target.get(key, 0..<size, into: output)
        }
        let end = ContinuousClock.now
        _ = try await target.together(keys) { key in try await target.delete(key) }
        return TargetCheckReport.Throughput(
            objectBytes: size, objects: count, putSeconds: (middle - start).seconds, getSeconds: (end - middle).seconds)
    }
}
