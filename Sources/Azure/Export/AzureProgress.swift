/// What an export is at.
package enum AzureProgress: Sendable, Equatable {
    /// One phrase, such as `create managed disk web01-os`.
    case step(String)
    /// Bytes of the disk that are done, and bytes that were sent.
    case disk(label: String, done: UInt64, total: UInt64, sent: UInt64)
    case verifying(label: String, done: UInt64, total: UInt64)
}

/// Receives it, from several tasks. Must return quickly.
package typealias AzureProgressSink = @Sendable (AzureProgress) -> Void
