import Engine
import Synchronization

/// Counts the files that are begun.
final class WatchedDestination: ImageDestination {
    private let real: any ImageDestination
    private let counter = Mutex(0)

    init(_ real: any ImageDestination) { self.real = real }

    var begun: Int { counter.withLock { $0 } }
    var name: String { real.name }
    var isStream: Bool { real.isStream }

    func begin(_ file: String) async throws(EngineError) -> any ImageSink {
        counter.withLock { $0 += 1 }
        return try await real.begin(file)
    }

    func commit() async throws(EngineError) { try await real.commit() }

    func abandon() async { await real.abandon() }
}
