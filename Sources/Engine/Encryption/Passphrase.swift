/// What an administrator knows and the repository does not. Prints as `•••`; never leaves the process.
package struct Passphrase: Sendable {
    /// In UTF-8, as it was given: nothing is trimmed or normalized.
    let bytes: [UInt8]

    /// - Throws: `.configuration` when it is empty.
    package init(_ text: String) throws(EngineError) {
        guard !text.isEmpty else { throw EngineError(.configuration, "a passphrase must not be empty") }
        bytes = Array(text.utf8)
    }
}

extension Passphrase: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
