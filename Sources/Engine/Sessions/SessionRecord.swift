/// What a session tells the others about itself: the content of `sessions/<session>-<number>`.
///
/// The objects are immutable, so a session renews its lease by a new object of the next number and deletes the one
/// before; the highest number counts.
package struct SessionRecord: Codable, Sendable {
    package let session: SessionID
    package let purpose: Purpose
    /// The proxy that runs it, and the name of the run there: that proxy knows at once whether it is dead.
    package let proxy: String
    package let run: String
    package let started: Timestamp
    /// Condemnations that this session knows of: it stores anew what only their packs hold.
    package internal(set) var seen: [String]
    /// Tree nodes and other blobs that it builds on: they are kept with all below them, even when the restore points
    /// that hold them are deleted meanwhile.
    package internal(set) var roots: [Root]

    package enum Purpose: String, Codable, Sendable {
        case backup, restore, check, repair, prune, copy
    }

    /// The top of something that must stay readable.
    package struct Root: Codable, Sendable, Hashable {
        package let id: Digest
        /// Of a tree node; nil for a blob that is no node.
        package let level: Int?

        package init(id: Digest, level: Int?) {
            self.id = id
            self.level = level
        }
    }

    static let document = SealedDocument<SessionRecord>(kind: "SESSION", what: "the lease of a session")
}

extension Manifest {
    /// What must stay for this restore point to be readable.
    package var roots: [SessionRecord.Root] {
        disks.compactMap { disk in
            disk.root.map { SessionRecord.Root(id: $0.id, level: disk.shape.height - 1) }
        } + [SessionRecord.Root(id: configuration, level: nil)]
    }
}
