import Synchronization

/// Who may use the bytes of managed disks at this moment.
final class DiskGrants: Sendable {
    /// One shared access signature of a disk.
    struct Entry: Sendable {
        var account: String
        var container: String
        /// The `si` and `sig` of its URL.
        var id: String
        var signature: String
        /// Whether it is for an upload; else it is for reading.
        var isWrite: Bool
        /// Whether a token of the directory is needed besides.
        var needsToken: Bool
        var expires: Instant
        var url: String
    }

    private let entries = Mutex<[String: Entry]>([:])

    /// The signature that is out for a disk's account, expired or not.
    func find(_ account: String) -> Entry? { entries.withLock { $0[account] } }

    func add(_ entry: Entry) { entries.withLock { $0[entry.account] = entry } }

    func remove(_ account: String) { entries.withLock { $0[account] = nil } }

    /// Every signature that is out is expired from now on.
    func expireAll() {
        entries.withLock { entries in
            for account in entries.keys { entries[account]?.expires = Instant(seconds: 0) }
        }
    }
}
