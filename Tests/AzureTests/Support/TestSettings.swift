public import Engine
import Logging
import Synchronization
import Targets

extension Setting {
    /// A block as a configuration file would have it.
    static func block(_ values: [String: Setting]) -> Setting {
        Setting(
            .map(values.sorted { $0.key < $1.key }.map { Entry(key: $0.key, place: "test:1:1", value: $0.value) }),
            at: "test:1:1")
    }

    init(_ text: String) { self.init(.scalar(text), at: "test:1:1") }
}

extension Setting: ExpressibleByStringLiteral {
    public init(stringLiteral value: String) { self.init(.scalar(value), at: "test:1:1") }
}

extension PluginContext {
    static func test() -> PluginContext {
        PluginContext(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, environment: { _ in nil })
    }
}

extension HTTPRetryPolicy {
    /// The real policy over a time that passes only by pauses, which take none.
    static func instant(_ pauses: Pauses = Pauses()) -> HTTPRetryPolicy {
        var policy = HTTPRetryPolicy()
        policy.elapsed = { pauses.sum }
        policy.wait = { pause in
            try Task.checkCancellation()
            pauses.note(pause)
            await Task.yield()
        }
        return policy
    }
}

extension HTTPRetryPolicy {
    /// Tries for as long as it takes, with short pauses: for what ends by itself.
    static var steady: HTTPRetryPolicy {
        var policy = HTTPRetryPolicy()
        policy.attempts = 10_000
        policy.wait = { _ in try await Task.sleep(for: .milliseconds(10)) }
        policy.elapsed = { .zero }
        return policy
    }
}

/// The pauses that were wanted.
final class Pauses: Sendable {
    private let made = Mutex<[Duration]>([])

    var all: [Duration] { made.withLock { $0 } }
    var sum: Duration { all.reduce(.zero, +) }

    func note(_ pause: Duration) { made.withLock { $0.append(pause) } }
}
