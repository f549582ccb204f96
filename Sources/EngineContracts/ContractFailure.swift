/// A promise that a plug-in did not keep, in words.
public struct ContractFailure: Error, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// - Throws: `ContractFailure` with `message` when `condition` is false.
func require(_ condition: Bool, _ message: @autoclosure () -> String) throws {
    guard condition else { throw ContractFailure(message()) }
}

/// The value, or a `ContractFailure` with `message` when there is none.
func unwrap<T>(_ value: T?, _ message: @autoclosure () -> String) throws -> T {
    guard let value else { throw ContractFailure(message()) }
    return value
}
