import Engine

/// Names of files and folders that a run has not finished: `.ahvault-<run>-<random>`. A sweep reads them.
struct TemporaryName: Sendable {
    /// The run that made it.
    let run: String
    let text: String

    private static let prefix = ".ahvault-"

    /// A new name for a run.
    init(of run: String) {
        self.run = run
        text = Self.prefix + run + "-" + RandomName.make()
    }

    /// Reads a name; nil when it is none of ours.
    init?(_ text: String) {
        guard text.hasPrefix(Self.prefix), let end = text.lastIndex(of: "-") else { return nil }
        let start = text.index(text.startIndex, offsetBy: Self.prefix.count)
        guard start < end else { return nil }
        run = String(text[start..<end])
        self.text = text
    }

    /// Whether a sweep may remove it.
    func isOrphan(_ request: SweepRequest) -> Bool {
        run.hasPrefix(request.repository + "-") && !request.isRunning(run)
    }
}
