/// A file system of a guest, read as it lies.
///
/// Everything on it is hostile: a reader throws `.corrupt` and never traps, goes in circles, or allocates what a field
/// merely claims.
package protocol GuestFileSystem: Sendable {
    /// What `node` takes for the folder that holds all others.
    var root: UInt64 { get }

    /// Whether names differ by upper and lower case.
    var isCaseSensitive: Bool { get }

    /// Whether the newest changes stand in a journal that is not read.
    var needsRecovery: Bool { get }

    /// What stands behind a reference that an entry gave.
    func node(_ reference: UInt64) async throws(EngineError) -> GuestNode

    /// What a folder holds, without itself and its parent.
    func entries(of folder: GuestNode) async throws(EngineError) -> [GuestEntry]

    /// The bytes of a file, or the text of a link.
    func content(of node: GuestNode) async throws(EngineError) -> GuestFile
}

/// A file, a folder or a link.
package struct GuestNode: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case file, folder, link
        /// A device, a pipe, a socket.
        case other
    }

    package let reference: UInt64
    package let kind: Kind
    /// Bytes.
    package let size: UInt64
}

/// A name in a folder.
package struct GuestEntry: Sendable, Equatable {
    package let name: String
    package let reference: UInt64
}
