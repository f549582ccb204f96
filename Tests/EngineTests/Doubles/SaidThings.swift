import Synchronization

@testable import Engine

/// Remembers what a run warned of.
final class SaidThings: Sendable {
    private let said = Mutex<[String]>([])

    var warnings: [String] { said.withLock { $0 } }

    var sink: ProgressSink {
        { event in
            if case .warning(_, let text) = event { self.said.withLock { $0.append(text) } }
        }
    }
}
