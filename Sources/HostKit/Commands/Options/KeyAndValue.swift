import ArgumentParser

/// `key=value`, as `--set` and `--tag` take it. The value may be empty and may hold `=`.
struct KeyAndValue: ExpressibleByArgument, Sendable, Equatable {
    let key: String
    let value: String

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else { return nil }
        key = String(parts[0])
        value = String(parts[1])
    }
}
