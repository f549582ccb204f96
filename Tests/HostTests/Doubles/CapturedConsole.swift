import Synchronization

@testable import HostKit

/// A console whose words a test can read.
final class CapturedConsole: Sendable {
    private let texts = Mutex((output: "", errors: ""))
    private let isTerminal: Bool
    private let width: Int

    init(isTerminal: Bool = false, width: Int = 100) {
        self.isTerminal = isTerminal
        self.width = width
    }

    var console: Console {
        Console(
            isTerminal: isTerminal, width: width,
            output: { text in self.texts.withLock { $0.output += text } },
            errors: { text in self.texts.withLock { $0.errors += text } })
    }

    var output: String { texts.withLock { $0.output } }
    var errors: String { texts.withLock { $0.errors } }
}
