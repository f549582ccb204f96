/// What a check of an image found.
public struct ImageCheck: Sendable, Equatable {
    /// One thing that is not as the format demands.
    public struct Violation: Sendable, Equatable, CustomStringConvertible {
        /// Bytes from the file's beginning.
        public let offset: UInt64
        /// Whether a reader may refuse the image or read something else from it; otherwise known readers take no notice.
        public let isError: Bool
        public let message: String

        public var description: String { "at \(offset): \(message)" }
    }

    /// The plug-in's name.
    public let format: String
    /// In the order in which they were found; at most `limit`.
    public private(set) var violations: [Violation] = []
    /// How many there are.
    public private(set) var count = 0
    public private(set) var errorCount = 0

    /// As many are kept one by one.
    public static let limit = 1000

    public init(format: String) { self.format = format }

    /// Nothing was found that could hurt.
    public var isSound: Bool { errorCount == 0 }

    public mutating func error(at offset: UInt64, _ message: @autoclosure () -> String) {
        errorCount += 1
        keep(offset, isError: true, message)
    }

    public mutating func warning(at offset: UInt64, _ message: @autoclosure () -> String) {
        keep(offset, isError: false, message)
    }

    /// Takes an error of a reader in, as a violation of its own.
    public mutating func failure(_ failure: EngineError, at offset: UInt64) {
        errorCount += 1
        keep(offset, isError: true) { failure.description }
    }

    private mutating func keep(_ offset: UInt64, isError: Bool, _ message: () -> String) {
        count += 1
        guard violations.count < Self.limit else { return }
        violations.append(Violation(offset: offset, isError: isError, message: message()))
    }
}
