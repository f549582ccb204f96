import Synchronization

/// The lower end of a terminal, where lines are written again and again, below everything that is printed meanwhile.
final class LiveLines: Sendable {
    private let write: @Sendable (String) -> Void
    private let lines = Mutex<[String]>([])

    init(_ write: @escaping @Sendable (String) -> Void) { self.write = write }

    /// Prints text that stays, above the live lines.
    func print(_ text: String) {
        lines.withLock { lines in write(Self.erasure(of: lines) + text + Self.text(lines)) }
    }

    /// Replaces the live lines.
    func show(_ new: [String]) {
        lines.withLock { lines in
            guard !lines.isEmpty || !new.isEmpty else { return }
            write(Self.erasure(of: lines) + Self.text(new))
            lines = new
        }
    }

    private static func erasure(of lines: [String]) -> String {
        lines.isEmpty ? "" : "\u{1B}[\(lines.count)A\u{1B}[J"
    }

    private static func text(_ lines: [String]) -> String { lines.map { $0 + "\n" }.joined() }
}
