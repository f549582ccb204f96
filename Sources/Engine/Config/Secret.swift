/// A secret as configured: a reference to it, or the value itself. Prints as `•••`, whatever it is.
///
/// It is resolved by `PluginContext.reveal(_:)` when a plug-in opens, and never sooner.
public struct Secret: Sendable, Decodable, PlacedSetting {
    package enum Reference: Sendable, Equatable {
        case environment(String)
        case file(String)
        case literal(String)
    }

    package let reference: Reference
    /// Where it was configured, for messages.
    public let place: String

    package init(_ reference: Reference, at place: String) {
        self.reference = reference
        self.place = place
    }

    package init(placed setting: Setting, what: String) throws {
        guard case .scalar(let text) = setting.shape, !text.isEmpty else {
            throw setting.mismatch(what, "a secret: `env:NAME`, `file:PATH` or the value")
        }
        self.init(Reference(text), at: setting.place)
    }

    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        self.init(Reference(text), at: "settings")
    }

    /// Whether the value stands in the configuration in clear, which deserves a warning.
    public var isLiteral: Bool {
        if case .literal = reference { return true }
        return false
    }
}

extension Secret.Reference {
    init(_ text: String) {
        if text.hasPrefix("env:") {
            self = .environment(String(text.dropFirst(4)))
        } else if text.hasPrefix("file:") {
            self = .file(String(text.dropFirst(5)))
        } else {
            self = .literal(text)
        }
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "•••" }
    public var debugDescription: String { "•••" }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
