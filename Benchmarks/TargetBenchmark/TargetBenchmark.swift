import Engine
import Foundation
import Glibc
import Logging
import Targets

/// Puts or gets objects on a target, and prints seconds and processor seconds of that alone.
///
///     TargetBenchmark put|get TYPE SETTINGS.json OBJECTS MIB IN_FLIGHT
///
/// The settings are one JSON object of texts: `{"host": "127.0.0.1", "path": "/srv/x"}`.
@main
struct TargetBenchmark {
    static func main() async {
        do {
            try await onBlockingThreads { try await run(Array(CommandLine.arguments.dropFirst())) }
        } catch {
            FileHandle.standardError.write(Data("TargetBenchmark: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func run(_ words: [String]) async throws {
        guard words.count == 6, let count = Int(words[3]), let size = Int(words[4]), let lanes = Int(words[5]) else {
            throw EngineError(.configuration, "put|get TYPE SETTINGS.json OBJECTS MIB IN_FLIGHT")
        }
        let target = try target(words[1], settings: words[2])
        try await target.open()
        let isPut = words[0] == "put"
        let start = ContinuousClock.now
        let before = processorSeconds()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<lanes {
                group.addTask {
                    let buffer = Buffer(capacity: size << 20)
                    if isPut { fill(buffer, seed: UInt64(lane)) }
                    for number in stride(from: lane, to: count, by: lanes) {
                        let key = try ObjectKey("benchmark/\(number)")
                        if isPut {
                            try await target.put(key, buffer)
                        } else {
                            buffer.removeAll()
                            try await target.get(key, nil, into: buffer)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let seconds = start.duration(to: .now) / .seconds(1)
        print("{\"seconds\": \(seconds), \"cpu\": \(processorSeconds() - before)}")
        await target.close()
    }

    private static func target(_ type: String, settings path: String) throws -> any Target {
        let texts = try JSONDecoder().decode([String: String].self, from: Data(contentsOf: URL(filePath: path)))
        let entries = texts.sorted { $0.key < $1.key }.map { key, text in
            Setting.Entry(key: key, place: path, value: Setting(.scalar(text), at: path))
        }
        let choice = PluginChoice(type: type, settings: Setting(.map(entries), at: path))
        return try Registry<any Target>.builtin.make(choice, in: PluginContext(logger: Logger(label: "benchmark")))
    }

    /// Bytes that do not shrink, made at memory speed.
    private static func fill(_ buffer: Buffer, seed: UInt64) {
        var state = seed &+ 0x9E37_79B9_7F4A_7C15
        for word in stride(from: 0, to: buffer.capacity, by: 8) {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            buffer.memory.storeBytes(of: state, toByteOffset: word, as: UInt64.self)
        }
        buffer.markFilled(buffer.capacity)
    }

    private static func processorSeconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let microseconds = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
        return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + Double(microseconds) / 1e6
    }
}
